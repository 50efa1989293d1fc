import FederatedCore
import Foundation
import StudyProtocol
import Torch

/// Trains a network on a session's training set for one round.
struct Trainer {
  let study: Study
  let data: SessionData
  let network: Network
  let session: String

  /// The terms that a workflow adds to the gradients in a round.
  struct Corrections {
    /// The strength with which FedProx pulls the model towards the global model.
    var proximalStrength = 0.0
    /// The vector that SCAFFOLD adds to every gradient.
    var offset: ModelParameters?
  }

  /// Trains from `global` and leaves the result in the network.
  ///
  /// - Parameter remote: The middle of the model at a host; `nil` if the whole model is trained here.
  /// - Throws: ``ConsiliumError`` with code `.diverged` if a loss is not finite.
  func train(
    from global: ModelParameters, amount: TrainingInstruction.Amount, learningRate: Double, seed: UInt64,
    round: Int, corrections: Corrections, minimumPatients: Int = 1, remote: RemoteMiddle? = nil,
    report: (TrainingProgress) -> Void
  ) throws -> TrainingSummary {
    let started = Date()
    try network.load(global)
    let orders = self.orders(amount, seed: seed)
    guard !orders.isEmpty else {
      throw ConsiliumError(.invalidInput, "session '\(session)' has no training examples")
    }
    let step = try TrainingStep(
      network: network, study: study, learningRate: learningRate, seed: seed, global: global,
      corrections: corrections, remote: remote)
    let hashes = try contributors()
    let members = orders.map { order in hashes.map { hashes in order.indices.compactMap { hashes[$0] } } ?? []
    }
    var progress = ProgressMeter(
      started: started, stepCount: orders.count, members: hashes == nil ? nil : members,
      minimumPatients: minimumPatients,
      // Which survival batches have a loss is known only once they are trained on.
      isForeseeable: study.header.task != .survival)
    var trained: Set<UInt64> = []
    var total = 0.0
    try BatchLoader(source: data.source, orders: orders).forEach { batch in
      let loss = try step.take(batch)
      guard loss?.isFinite ?? true else {
        throw ConsiliumError(Divergence(.loss, round: round, step: progress.step + 1))
      }
      total += loss ?? 0
      if loss != nil { trained.formUnion(members[progress.step]) }
      if let event = progress.advance(loss: loss, examples: batch.count) { report(event) }
    }
    return TrainingSummary(
      exampleCount: data.examples(in: .training).count, stepCount: orders.count,
      loss: total / Double(orders.count), seconds: Date().timeIntervalSince(started),
      weightedCount: try ClassWeighting.weightedCount(for: study, data: data),
      patients: try hashes == nil ? nil : patients(behind: PatientSet(trained)))
  }

  /// The batches of a round.
  ///
  /// - Parameter isAugmented: `false` to leave out the seeds of the augmentation.
  func orders(_ amount: TrainingInstruction.Amount, seed: UInt64, isAugmented: Bool = true)
    -> [BatchLoader.Order]
  {
    let examples = data.examples(in: .training)
    return BatchLoader.Order.training(
      exampleCount: examples.count, batchSize: study.training.batchSize, amount: amount, seed: seed,
      isAugmented: isAugmented && !study.augmentation.isEmpty,
      dropSingles: network.layout.entries.contains { $0.role == .buffer }
    ).map { $0.mapping(to: examples) }
  }

  /// The hash of the patient of each training example that can change the model; `nil` if the session was
  /// opened without a salt. Examples of a class whose weight in the loss is 0 change nothing.
  func contributors() throws -> [Int: UInt64]? {
    guard var hashes = data.trainingHashes else { return nil }
    guard study.header.task == .classification,
      let weights = try ClassWeighting.weights(for: study, data: data), weights.contains(0)
    else { return hashes }
    for example in hashes.keys.sorted() {
      let counts = try data.source.classCounts(of: [example], classCount: weights.count)
      if zip(counts, weights).allSatisfy({ $0 == 0 || $1 == 0 }) { hashes[example] = nil }
    }
    return hashes
  }

  /// The patients behind the round's steps.
  private func patients(behind trained: PatientSet) throws -> TrainingPatients {
    let all = SessionData.set(data.patients(in: .training))
    guard study.federation.weighting == .classWeights else {
      return TrainingPatients(trained: trained, all: all)
    }
    let classes = try data.trainingClasses(max(2, study.classCount ?? 2))
    return TrainingPatients(
      trained: trained, classes: classes.map { PatientSet($0.compactMap(\.hash)) }, all: all)
  }
}

extension BatchLoader.Order {
  /// The same order with each index replaced: index i becomes `examples[i]`.
  fileprivate func mapping(to examples: [Int]) -> Self {
    Self(indices: indices.map { examples[$0] }[...], augmentationSeeds: augmentationSeeds)
  }
}
