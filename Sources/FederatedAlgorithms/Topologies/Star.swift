import FederatedCore

/// Server and clients: all sites train from the global model at the same time, and the server combines the
/// results.
public struct Star: Topology {
  public init() {}

  public func plan(round: Int, participants: [SiteID]) -> ExchangePlan {
    ExchangePlan(stages: [.init(members: participants)])
  }
}
