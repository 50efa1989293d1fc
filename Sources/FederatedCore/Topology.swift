/// Turns a round and its participants into a plan of who trains from whose model, as plain data.
///
/// `TopologyLaws` in FederatedTesting holds what every topology obeys.
public protocol Topology: Sendable {
  func plan(round: Int, participants: [SiteID]) -> ExchangePlan
}

/// One round's exchanges: stages one after another, each of which hands its model to the next.
public struct ExchangePlan: Sendable, Equatable, Codable {
  public struct Stage: Sendable, Equatable, Codable {
    /// The sites that train, side by side, from the model that the stage receives.
    public var members: [SiteID]
    /// Who combines their updates.
    public var combiner: Node

    public init(members: [SiteID], combiner: Node) { (self.members, self.combiner) = (members, combiner) }
  }

  public var stages: [Stage]

  public init(stages: [Stage]) { self.stages = stages }
}

/// A party to an exchange.
public enum Node: Hashable, Sendable, Codable {
  case server
  case site(SiteID)
}
