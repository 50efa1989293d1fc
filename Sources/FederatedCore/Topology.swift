/// Turns a round and its participants into a plan of who trains from whose model, as plain data.
///
/// `TopologyLaws` in FederatedTesting checks the laws that every topology must obey.
public protocol Topology: Sendable {
  /// The plan of a round, counted from 1, for the sites that take part.
  func plan(round: Int, participants: [SiteID]) -> ExchangePlan
}

/// The exchanges of one round: consecutive stages, each of which passes its model to the next.
public struct ExchangePlan: Sendable, Equatable, Codable {
  public struct Stage: Sendable, Equatable, Codable {
    /// The sites of the stage, which work side by side. Each site starts from the model that the stage
    /// receives.
    public var members: [SiteID]
    /// The node that coordinates the stage, followed by the deputies that may take over, in order. Sites
    /// refuse questions from anyone else.
    public var coordinators: [Node]

    public init(members: [SiteID], coordinators: [Node] = [.server]) {
      self.members = members
      self.coordinators = coordinators
    }
  }

  public var stages: [Stage]
  /// The weight of each site in a mean. The study's weighting computes it before the first round, from the
  /// counts that the sites agreed on. An answer with a different weight is refused. If this dictionary is
  /// empty, each answer states its own weight.
  public var weights: [SiteID: Double]

  public init(stages: [Stage], weights: [SiteID: Double] = [:]) {
    self.stages = stages
    self.weights = weights
  }

  /// The sites of all stages, in order.
  public var members: [SiteID] { stages.flatMap(\.members) }
}

/// A party to an exchange: the server or a site.
public enum Node: Hashable, Sendable, Codable {
  case server
  case site(SiteID)
}
