import FederatedCore

/// A trainer in plain Swift that fits a small regression by stochastic gradient descent, exactly and in
/// milliseconds.
///
/// Used in tests of all code that calls a trainer. Its data are generated from a seed. The target is the same
/// noiseless function of the inputs at every site, so a common model fits all sites. In addition to trainable
/// parameters, the model has a buffer: the running mean of the inputs, as in batch normalisation.
public struct ReferenceTrainer: LocalTrainer {
  public let network: ReferenceNetwork
  private let data: [DataPart: Examples]
  private let batchSize = 8

  struct Examples: Sendable {
    var inputs: [[Float]]
    var targets: [Float]
  }

  /// - Parameters:
  ///   - examples: The number of training examples. The validation and test sets each have a third as many.
  ///   - seed: Determines the inputs, which differ between sites.
  public init(_ network: ReferenceNetwork, examples: Int = 40, seed: UInt64) {
    self.network = network
    var generator = RandomStream(seed: seed)
    var data: [DataPart: Examples] = [:]
    for part in DataPart.allCases {
      let count = part == .training ? examples : max(1, examples / 3)
      let inputs = (0..<count).map { _ in
        (0..<network.inputs).map { _ in Float.random(in: -1...1, using: &generator) }
      }
      data[part] = Examples(inputs: inputs, targets: inputs.map(Self.target))
    }
    self.data = data
  }

  /// Trainers of several sites with different numbers of examples.
  public static func sites(_ count: Int, _ network: ReferenceNetwork = .linear(inputs: 3)) -> [Self] {
    (0..<count).map { Self(network, examples: 20 + 8 * $0, seed: UInt64($0)) }
  }

  /// The initial model, the same for all sites and seeds.
  public var initialModel: ModelParameters {
    var generator = RandomStream(seed: 7)
    return .random(network.layout, in: -0.5...0.5, using: &generator)
  }

  private static func target(_ input: [Float]) -> Float {
    var sum: Float = 0.25
    for (i, value) in input.enumerated() { sum += value * (i.isMultiple(of: 2) ? 1 : -0.5) }
    return sum
  }

  public func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    guard let data = data[.training], global.layout == network.layout else {
      throw ConsiliumError(.engine, "the model is not the reference trainer's")
    }
    let start = global.values
    var weights = start
    var generator = RandomStream(seed: instruction.seed)
    var (loss, steps) = (0.0, 0)
    let stepCount = instruction.amount.steps(examples: data.targets.count, batchSize: batchSize)
    while steps < stepCount {
      let order = data.targets.indices.shuffled(using: &generator)
      for first in stride(from: 0, to: order.count, by: batchSize) where steps < stepCount {
        try Task.checkCancellation()
        let batch = order[first..<min(order.count, first + batchSize)]
        loss += step(&weights, start, batch, data, instruction)
        steps += 1
      }
    }
    guard loss.isFinite else { throw ConsiliumError(.engine, "the training loss is not finite") }
    var delta = ModelParameters(layout: global.layout, values: weights)
    delta.add(global, scaledBy: -1)
    let summary = TrainingSummary(
      exampleCount: data.targets.count, stepCount: steps, loss: loss / Double(max(1, steps)), seconds: 0)
    return LocalResult(delta: delta, summary: summary)
  }

  /// Takes one step of gradient descent. Returns the batch's mean loss before the step.
  private func step(
    _ weights: inout [Float], _ start: [Float], _ batch: ArraySlice<Int>, _ data: Examples,
    _ instruction: TrainingInstruction
  ) -> Double {
    var gradient = [Float](repeating: 0, count: weights.count)
    var loss = 0.0
    for index in batch {
      loss += Double(network.addGradient(of: data.inputs[index], data.targets[index], weights, to: &gradient))
    }
    let offset = instruction.gradientOffset?.values
    let (rate, pull) = (Float(instruction.learningRate), Float(instruction.proximalStrength))
    for i in 0..<network.trainableCount {
      let mean = gradient[i] / Float(batch.count)
      weights[i] -= rate * (mean + pull * (weights[i] - start[i]) + (offset?[i] ?? 0))
    }
    for input in 0..<network.inputs {
      let mean = batch.reduce(Float(0)) { $0 + data.inputs[$1][input] } / Float(batch.count)
      weights[network.trainableCount + input] += 0.1 * (mean - weights[network.trainableCount + input])
    }
    return loss / Double(batch.count)
  }

  public func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    guard let data = data[part] else { throw ConsiliumError(.engine, "there are no such data") }
    let weights = model.values
    let errors = zip(data.inputs, data.targets).map { Double(network.output(of: $0, weights) - $1) }
    let square = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    return SiteEvaluation(
      patientCount: errors.count, exampleCount: errors.count, loss: square / 2,
      metrics: [MetricEstimate(name: "accuracy", value: 1 / (1 + square), patientCount: errors.count)])
  }
}
