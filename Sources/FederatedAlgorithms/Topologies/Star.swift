import FederatedCore

/// Server and clients: all sites train side by side from the global model and the server combines them.
public struct Star: Topology {
  public init() {}

  public func plan(round: Int, participants: [SiteID]) -> ExchangePlan {
    ExchangePlan(stages: [.init(members: participants, combiner: .server)])
  }
}
