import FederatedCore

/// Cyclical weight transfer: the model goes from site to site, and each site trains it further (Chang et al.
/// 2018).
///
/// A round is one cycle through all sites. A single round is *single weight transfer*.
public struct Ring: Topology {
  /// The rule for the order of the sites in a cycle.
  public enum Order: Sendable, Equatable {
    /// Every cycle goes through the sites in the given order.
    case fixed
    /// Each cycle begins one site later than the cycle before, so that no site always trains at the end.
    case rotated
    /// The order of each cycle is drawn anew from the seed (Balachandar et al. 2020). The order of some of
    /// the sites does not depend on the others.
    case random(seed: UInt64)
  }

  public let order: Order

  public init(order: Order = .fixed) { self.order = order }

  public func plan(round: Int, participants: [SiteID]) -> ExchangePlan {
    ExchangePlan(stages: cycle(round, participants).map { .init(members: [$0]) })
  }

  private func cycle(_ round: Int, _ participants: [SiteID]) -> [SiteID] {
    switch order {
    case .fixed: return participants
    case .rotated:
      let start = participants.isEmpty ? 0 : (round - 1) % participants.count
      return Array(participants[start...] + participants[..<start])
    case .random(let seed): return participants.drawn(seed: seed, for: .order, round: round)
    }
  }
}
