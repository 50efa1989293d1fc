/// A federated algorithm: its server half and its site half, in one type and one file.
///
/// Everything has a default that is FedAvg, so a strategy states only what it changes. State is a group of parameter
/// vectors, which the runtime stores with each round; `StrategyLaws` in FederatedTesting holds what every strategy obeys.
public protocol Strategy: Sendable {
  /// What the server keeps between rounds.
  associatedtype ServerState: ParameterGroup = NoParameters
  /// What each site keeps between rounds; it never leaves the site.
  associatedtype SiteState: ParameterGroup = NoParameters
  /// What the server sends beside the global model.
  associatedtype Message: ParameterGroup = NoParameters
  associatedtype Combiner: Aggregator = WeightedMean<ModelParameters>

  func initialServerState(for layout: ParameterLayout) -> ServerState
  func initialSiteState(for layout: ParameterLayout) -> SiteState

  /// What the server sends beside the model in a round.
  func message(for round: Int, state: ServerState) -> Message

  /// Adjusts what the trainer is told; enough for FedProx.
  func configure(_ instruction: inout TrainingInstruction)

  /// The site half: trains and says what to contribute.
  ///
  /// `state` is kept only when the contribution was released, so a failed round changes nothing.
  func contribute(
    _ trainer: some LocalTrainer, from global: ModelParameters, instruction: TrainingInstruction,
    message: Message, state: inout SiteState
  ) async throws -> LocalContribution<Combiner.Payload>

  /// The weight of every update of a site, given the weight that the study's weighting makes of its number of
  /// training examples. The default is that weight.
  func agreedWeight(_ weight: Double) -> Double

  func makeAggregator() -> Combiner

  /// The server half: moves the global model by what was aggregated.
  ///
  /// `siteCount` is the number of sites of the study, whether or not they took part in this round.
  func apply(
    _ aggregate: Aggregate<Combiner.Payload>, to global: inout ModelParameters, state: inout ServerState,
    round: Int, siteCount: Int)
}

/// What a site's half of a strategy hands to the release gate.
public struct LocalContribution<Payload: ParameterGroup>: Sendable {
  public var payload: Payload
  public var weight: Double
  /// How the training went, from the trainer.
  public var summary: TrainingSummary

  public init(payload: Payload, weight: Double, summary: TrainingSummary) {
    (self.payload, self.weight, self.summary) = (payload, weight, summary)
  }
}

extension Strategy {
  public func configure(_ instruction: inout TrainingInstruction) {}

  public func agreedWeight(_ weight: Double) -> Double { weight }
}

extension Strategy where ServerState == NoParameters {
  public func initialServerState(for layout: ParameterLayout) -> NoParameters { .init() }
}

extension Strategy where SiteState == NoParameters {
  public func initialSiteState(for layout: ParameterLayout) -> NoParameters { .init() }
}

extension Strategy where Message == NoParameters {
  public func message(for round: Int, state: ServerState) -> NoParameters { .init() }
}

extension Strategy where Combiner == WeightedMean<ModelParameters> {
  public func makeAggregator() -> Combiner { .init() }
}

extension Strategy where Combiner.Payload == ModelParameters {
  public func contribute(
    _ trainer: some LocalTrainer, from global: ModelParameters, instruction: TrainingInstruction,
    message: Message, state: inout SiteState
  ) async throws -> LocalContribution<ModelParameters> {
    let result = try await trainer.train(from: global, following: instruction)
    return LocalContribution(
      payload: result.delta, weight: instruction.weighting.weight(of: result.summary), summary: result.summary
    )
  }

  public func apply(
    _ aggregate: Aggregate<ModelParameters>, to global: inout ModelParameters, state: inout ServerState,
    round: Int, siteCount: Int
  ) {
    global.add(aggregate.payload)
  }
}
