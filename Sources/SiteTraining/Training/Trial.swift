import FederatedCore
import StudyProtocol
import Torch

/// A trial of training: one forward and backward pass of the agreed model on a batch of a session's training
/// examples.
///
/// Before anything is signed or trained, the trial finds problems that would end a study in its first step.
struct Trial {
  let study: Study
  let data: SessionData
  let network: Network
  let site: SiteID
  /// The seed of the batch and its augmentation, as in the study.
  let seed: UInt64
  /// The fewest patients that may be behind an update.
  var minimumPatients = 1

  /// The problems that prevent the model from training on the data. The network is left unchanged.
  func findings() throws -> [DataFinding] {
    let examples = data.examples(in: .training)
    if let objection = objection(to: examples.count) { return [finding(objection)] }
    if let objection = try objectionToCoverage() { return [finding(objection)] }
    let before = try network.export()
    defer { try? network.load(before) }
    do {
      return try step(on: examples).map { [finding($0)] } ?? []
    } catch let error as TorchError {
      return [
        finding("the model cannot take a training step on the site's data: \(error.firstLine)")
      ]
    }
  }

  private func objection(to count: Int) -> String? {
    if count == 0 {
      return "no training example is left; check the split, and the records that were left out"
    }
    guard count == 1, study.model.normalisesWholeImages else { return nil }
    return "only one training example is left, but batch normalisation needs at least two in a batch; "
      + "set model.norm: group, or give the site more data"
  }

  /// The problem that one step reveals; `nil` if there is none.
  private func step(on examples: [Int]) throws -> String? {
    let orders = BatchLoader.Order.training(
      exampleCount: examples.count, batchSize: study.training.batchSize, amount: .steps(1), seed: seed,
      isAugmented: !study.augmentation.isEmpty,
      dropSingles: network.layout.entries.contains { $0.role == .buffer })
    guard let order = orders.first else { return nil }
    let batch = try data.source.batch(
      order.indices.map { examples[$0] }[...], augmentationSeeds: order.augmentationSeeds)
    let device = network.arithmetic.device
    let mode = Mode.training(try Generator(seed: seed, device: device))
    let logits = try network.output(for: batch, mode)
    // A survival batch without an event has no loss.
    guard let loss = try network.criterion.trainingLoss(logits, batch.target, on: device) else { return nil }
    let parameters = try network.state.trainable()
    defer { parameters.zeroGrad() }
    parameters.zeroGrad()
    try loss.backward()
    guard try !loss.item().isFinite else { return nil }
    return "the loss of the untrained model is not a number on the site's data; "
      + "check the range of their values, and add a normalise step to the study"
  }

  private func finding(_ message: String) -> DataFinding {
    DataFinding(severity: .error, site: site, element: nil, records: 0, message: message)
  }
}
