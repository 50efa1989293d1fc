import FederatedAlgorithms
import FederatedCore
import FederatedRuntime

/// Measures the cost of the federation itself: rounds of FedAvg in one process, whose sites do not train.
struct Rounds {
  struct Answer: Encodable {
    var seconds: [Double]
    /// The peak memory of the process, in bytes.
    var peak: Int
  }

  static func measure(sites: Int, parameters: Int, rounds: Int) async throws -> Answer {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [parameters], role: .trainable)])
    let settings = FederationSettings(
      arm: "fedavg", rounds: rounds, learningRate: { _ in 1 }, seed: 1, validateEvery: 0,
      // The same as in the simulator with two workers.
      concurrentSites: 3)
    let members = (0..<sites).map {
      Federation<FedAvg, UntrainedUpdate>.Member(
        site: SiteID("site-\($0)"), trainer: UntrainedUpdate(scale: Float($0 + 1) * 1e-3), validates: false)
    }
    let federation = try Federation(
      settings: settings, strategy: FedAvg(), topology: Star(), members: members)
    let outcome = try await federation.run(
      from: ModelParameters(layout: layout, buffer: .pattern(parameters, seed: 0)))
    return Answer(seconds: outcome.records.map(\.seconds), peak: ProcessMemory.peak())
  }
}

/// Reads the whole model and returns an update of full size.
private struct UntrainedUpdate: LocalTrainer {
  let scale: Float

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    let buffer = ParameterBuffer(unsafeUninitializedCount: global.count) { values in
      global.buffer.withUnsafeValues { source in
        for index in values.indices { values.initializeElement(at: index, to: scale * source[index]) }
      }
    }
    return LocalResult(
      delta: ModelParameters(layout: global.layout, buffer: buffer),
      summary: TrainingSummary(exampleCount: 1, stepCount: 0, loss: 0, seconds: 0))
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: [])
  }
}
