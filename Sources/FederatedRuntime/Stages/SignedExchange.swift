import FederatedCore

/// What a site and the coordinator must know of an algorithm to sign and verify everything that a site receives.
public struct SignedExchange: Sendable {
  private let strategy: any Strategy
  private let settings: FederationSettings
  /// Whether a round goes from site to site. Each site then begins with the model of the site before it.
  public let isRing: Bool

  public init(of strategy: any Strategy, over topology: any Topology, settings: FederationSettings) {
    self.strategy = strategy
    self.settings = settings
    let plan = topology.plan(round: 1, participants: [SiteID("a"), SiteID("b")])
    isRing = plan.stages.count > 1
  }

  /// The strategy's message in the first round; `nil` if the strategy sends only the model.
  public func firstMessage(for layout: ParameterLayout) -> NamedParts? {
    func message<S: Strategy>(of strategy: S) -> NamedParts? {
      guard !S.Message.partNames.isEmpty else { return nil }
      return NamedParts(strategy.message(for: 1, state: strategy.initialServerState(for: layout)))
    }
    return message(of: strategy)
  }

  /// The model that a site's update makes of the question's model in a ring, computed as the coordinator does.
  ///
  /// - Returns: `nil` if the exchange is no ring, or if the server has a state on which the model also depends.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message is not an update of the model.
  public func model(after update: StageMessage, to assignment: Assignment, from site: SiteID) throws
    -> ModelParameters?
  {
    guard isRing else { return nil }
    func model<S: Strategy>(with strategy: S) throws -> ModelParameters? {
      guard S.ServerState.partNames.isEmpty else { return nil }
      var model = try assignment.message.model()
      let round = assignment.id.round
      let content = try SiteUpdate<S.Combiner.Payload>(update, site: site, round: round)
      guard content.update.payload.parts.allSatisfy({ $0.layout == model.layout }) else {
        throw ConsiliumError(
          .invalidUpdate,
          "the update of site '\(site)' has other parameters than the agreed model; it was not used")
      }
      var aggregator = strategy.makeAggregator()
      try aggregator.add(content.update)
      var state = strategy.initialServerState(for: model.layout)
      try TrainingStage(strategy, settings: settings).advance(&model, &state, by: aggregator, round: round)
      return model
    }
    return try model(with: strategy)
  }
}
