import FederatedCore

/// A topology whose plan follows from all sites of an agreement, whoever is absent from a round.
///
/// Absent sites are left out of the plan, and nothing else about it changes. Every site therefore knows
/// beforehand in which rounds, and where in a round, it may be asked.
public struct AgreedTopology: Topology {
  public let base: any Topology
  /// All sites of the agreement, in order.
  public let sites: [SiteID]

  public init(_ base: any Topology, sites: [SiteID]) {
    self.base = base
    self.sites = sites
  }

  public func plan(round: Int, participants: [SiteID]) -> ExchangePlan {
    var plan = base.plan(round: round, participants: sites)
    for index in plan.stages.indices {
      plan.stages[index].members.removeAll { !participants.contains($0) }
    }
    plan.stages.removeAll(where: \.members.isEmpty)
    return plan
  }
}
