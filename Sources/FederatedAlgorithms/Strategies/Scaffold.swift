import FederatedCore

/// SCAFFOLD with option II: control variates at the server and at each site correct the drift of local
/// training (Karimireddy et al. 2020, algorithm 1).
///
/// Every gradient of site i is corrected by c − cᵢ. After K local steps with learning rate η, the site's
/// control variate becomes cᵢ − c + (x − yᵢ)/(Kη). The server takes the plain mean of the sites' changes: as
/// in the paper, all sites have equal weight, whatever the study's weighting. The formula assumes plain SGD
/// for local training; studies with any other optimizer are refused. Control variates of buffers are zero.
public struct Scaffold: Strategy {
  /// A site's update: the change of the model and the change of the site's control variate.
  public struct Update: ParameterGroup, Equatable {
    public static let partNames = ["model", "control"]
    public var model: ModelParameters
    public var control: ModelParameters

    public init(model: ModelParameters, control: ModelParameters) {
      self.model = model
      self.control = control
    }
    public init(parts: [ModelParameters]) { self.init(model: parts[0], control: parts[1]) }
    public var parts: [ModelParameters] { [model, control] }
    public mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {
      try body(0, &model)
      try body(1, &control)
    }
  }

  /// A control variate: c at the server, cᵢ at a site.
  public struct Control: ParameterGroup, Equatable {
    public static let partNames = ["control"]
    public var value: ModelParameters

    public init(_ value: ModelParameters) { self.value = value }
    public init(parts: [ModelParameters]) { self.init(parts[0]) }
    public var parts: [ModelParameters] { [value] }
    public mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {
      try body(0, &value)
    }
  }

  /// The step size of the server; the paper mostly uses 1.
  public let serverLearningRate: Double

  /// - Precondition: the step is positive.
  public init(serverLearningRate: Double = 1) {
    precondition(serverLearningRate > 0, "the step is \(serverLearningRate)")
    self.serverLearningRate = serverLearningRate
  }

  public func initialServerState(for layout: ParameterLayout) -> Control { Control(.zeros(layout)) }
  public func initialSiteState(for layout: ParameterLayout) -> Control { Control(.zeros(layout)) }
  public func message(for round: Int, state: Control) -> Control { state }
  public func makeAggregator() -> WeightedMean<Update> { .init() }

  /// All sites have equal weight (equation 4 of the paper).
  public func agreedWeight(_ weight: Double) -> Double { 1 }

  public func contribute(
    _ trainer: some LocalTrainer, from global: ModelParameters, instruction: TrainingInstruction,
    message server: Control, state site: inout Control
  ) async throws -> LocalContribution<Update> {
    var instruction = instruction
    instruction.gradientOffset = server.value
    instruction.gradientOffset?.add(site.value, scaledBy: -1)
    let result = try await trainer.train(from: global, following: instruction)
    let change = try controlChange(result, server: server.value, instruction: instruction)
    site.value.add(change)
    return LocalContribution(
      payload: Update(model: result.delta, control: change),
      weight: agreedWeight(instruction.weighting.weight(of: result.summary)),
      summary: result.summary)
  }

  /// The change of the site's control variate after training: cᵢ⁺ − cᵢ = −c − Δ/(Kη), with Δ the change of
  /// the model.
  private func controlChange(
    _ result: LocalResult, server: ModelParameters, instruction: TrainingInstruction
  ) throws -> ModelParameters {
    let length = Double(result.summary.stepCount) * instruction.learningRate
    guard length > 0 else {
      throw ConsiliumError(
        .invalidUpdate, "SCAFFOLD needs at least one local step with a positive learning rate in each round")
    }
    var change = server
    let factor = Float(-1 / length)
    change.combine(with: result.delta) { $0 = factor * $1 - $0 }
    change.buffer.withUnsafeMutableValues { values in
      for (entry, range) in result.delta.layout.ranges where entry.role == .buffer {
        for i in range { values[i] = 0 }
      }
    }
    return change
  }

  public func apply(
    _ aggregate: Aggregate<Update>, to global: inout ModelParameters, state: inout Control, round: Int,
    siteCount: Int
  ) {
    let change = aggregate.payload.model
    if serverLearningRate == 1 {
      global.add(change)
    } else {
      let rate = Float(serverLearningRate)
      change.buffer.withUnsafeValues { change in
        let ranges = global.layout.ranges
        global.buffer.withUnsafeMutableValues { weights in
          for (entry, range) in ranges {
            let step = entry.role == .trainable ? rate : 1
            for i in range { weights[i] += step * change[i] }
          }
        }
      }
    }
    state.value.add(
      aggregate.payload.control, scaledBy: Float(aggregate.contributors) / Float(siteCount))
  }
}
