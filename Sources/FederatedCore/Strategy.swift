/// A federated algorithm: its server half and its site half, in one type and one file.
///
/// Every default implements FedAvg, so a strategy states only what it changes. A state consists of parameter
/// vectors, which the runtime stores with each round. `StrategyLaws` in FederatedTesting checks the laws that
/// every strategy must obey.
public protocol Strategy: Sendable {
  /// The state that the server keeps between rounds.
  associatedtype ServerState: ParameterGroup = NoParameters
  /// The state that each site keeps between rounds. It never leaves the site.
  associatedtype SiteState: ParameterGroup = NoParameters
  /// The message that the server sends in addition to the global model.
  associatedtype Message: ParameterGroup = NoParameters
  associatedtype Combiner: Aggregator = WeightedMean<ModelParameters>

  func initialServerState(for layout: ParameterLayout) -> ServerState
  func initialSiteState(for layout: ParameterLayout) -> SiteState

  /// The message that the server sends in addition to the model in this round.
  func message(for round: Int, state: ServerState) -> Message

  /// Adjusts the trainer's instruction. FedProx, for example, changes nothing else at a site.
  func configure(_ instruction: inout TrainingInstruction)

  /// The site half: trains and returns the contribution.
  ///
  /// Changes to `state` are kept only if the contribution is released, so a failed round changes nothing.
  func contribute(
    _ trainer: some LocalTrainer, from global: ModelParameters, instruction: TrainingInstruction,
    message: Message, state: inout SiteState
  ) async throws -> LocalContribution<Combiner.Payload>

  /// The weight of a site's updates in the aggregate.
  ///
  /// - Parameter weight: The weight that the study's weighting assigns to the site's number of training
  ///   examples. The default implementation returns it unchanged.
  func agreedWeight(_ weight: Double) -> Double

  func makeAggregator() -> Combiner

  /// The server half: moves the global model by the aggregate.
  ///
  /// `siteCount` is the number of sites of the study, whether or not they took part in this round.
  func apply(
    _ aggregate: Aggregate<Combiner.Payload>, to global: inout ModelParameters, state: inout ServerState,
    round: Int, siteCount: Int)
}

/// The result that a strategy's site half passes to the release gate.
public struct LocalContribution<Payload: ParameterGroup>: Sendable {
  public var payload: Payload
  public var weight: Double
  /// The trainer's summary of the training.
  public var summary: TrainingSummary

  public init(payload: Payload, weight: Double, summary: TrainingSummary) {
    self.payload = payload
    self.weight = weight
    self.summary = summary
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
