import FederatedCore

/// Cyclical weight transfer: the model goes from site to site, and each site trains it further (Chang et al.
/// 2018).
///
/// A round is one cycle through all sites.
public struct Ring: Topology {
  /// The rule that selects the site at which a cycle begins.
  public enum Order: Sendable {
    /// Every cycle begins at the first site.
    case fixed
    /// Each cycle begins one site later than the cycle before, so that no site always trains at the end.
    case rotated
  }

  public let order: Order

  public init(order: Order = .fixed) { self.order = order }

  public func plan(round: Int, participants: [SiteID]) -> ExchangePlan {
    let count = participants.count
    let start = order == .rotated && count > 0 ? (round - 1) % count : 0
    let cycle = participants[start...] + participants[..<start]
    return ExchangePlan(stages: cycle.map { .init(members: [$0]) })
  }
}
