import FederatedCore
import StudyProtocol
import Torch

/// Measures a session's model for the forecast of a study: its size, the time of a training step, and what
/// crosses each cut. The network is left unchanged.
struct ModelMeasurer {
  let study: Study
  let data: SessionData
  let network: Network

  /// The number of steps that are timed, after one that warms up.
  private static let timedSteps = 3

  func sizes() throws -> ModelSizes {
    let orders = BatchLoader.Order.training(
      exampleCount: data.examples(in: .training).count, batchSize: study.training.batchSize,
      amount: .steps(1), seed: 0, isAugmented: false, dropSingles: true)
    guard let order = orders.first else {
      throw ConsiliumError(.invalidInput, "the site has too few training examples for a step")
    }
    let examples = data.examples(in: .training)
    let batch = try data.source.batch(
      order.indices.map { examples[$0] }[...], augmentationSeeds: order.augmentationSeeds)
    let before = try network.export()
    defer { try? network.load(before) }
    let input = try Tensor(batch.inputs, shape: batch.shape).to(network.arithmetic.device)
      .contiguous(in: network.arithmetic.format)
    let crossing = try Self.cuts(of: study.model, network, input)
    return ModelSizes(
      parameters: network.layout.count, bytesPerValue: network.arithmetic.usesBFloat16 ? 2 : 4,
      stepSeconds: try stepSeconds(on: batch, from: before), cuts: crossing)
  }

  /// The median time of a step.
  private func stepSeconds(on batch: Batch, from model: ModelParameters) throws -> Double {
    let step = try TrainingStep(
      network: network, study: study, learningRate: 0, seed: 0, global: model, corrections: .init())
    var times: [Duration] = []
    for _ in 0...Self.timedSteps {
      let clock = ContinuousClock()
      let start = clock.now
      _ = try step.take(batch)
      times.append(clock.now - start)
    }
    let median = times.dropFirst().sorted()[Self.timedSteps / 2]
    return Double(median.components.seconds) + Double(median.components.attoseconds) * 1e-18
  }

  /// What crosses each cut of a model.
  ///
  /// - Parameter input: A batch as the model takes it.
  static func cuts(of settings: Study.Model, _ network: Network, _ input: Tensor) throws
    -> [ModelSizes.Cut]
  {
    guard let model = network.module as? any Cuttable else { return [] }
    return try settings.cuts.compactMap { name in
      guard let middle = model.middle(of: name) else { return nil }
      var (down, up) = (0, 0)
      try noGrad {
        _ = try model.run(input, .evaluation, around: name) { features throws(TorchError) in
          let output = try middle.run(features, .evaluation)
          (down, up) = (features.valuesPerExample, output.valuesPerExample)
          return output
        }
      }
      let inside = network.layout.entries.filter { middle.contains($0.name) }.reduce(0) { $0 + $1.count }
      return ModelSizes.Cut(
        name: name, siteParameters: network.layout.count - inside, valuesDown: down, valuesUp: up)
    }
  }
}

extension Tensor {
  /// The number of values of each example of a batch.
  fileprivate var valuesPerExample: Int { shape.dropFirst().reduce(1, *) }
}
