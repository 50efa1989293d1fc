import FederatedAlgorithms

/// The order in which a model visits the sites in a cycle: `federation.workflow.order`.
public enum CycleOrder: String, Sendable, CaseIterable {
  /// By the sites' names, in every cycle.
  case fixed
  /// By the sites' names, and each cycle begins one site later than the cycle before.
  case rotated
  /// Drawn for each cycle from the study's seed (Balachandar et al. 2020).
  case random

  /// The meaning, as the end of a sentence about the cycles.
  public var meaning: String {
    switch self {
    case .fixed: "by the sites' names, in every cycle"
    case .rotated: "by the sites' names; each cycle begins one site later than the cycle before"
    case .random: "drawn for each cycle from the study's seed, so all sites know it beforehand"
    }
  }

  func ring(seed: UInt64) -> Ring {
    switch self {
    case .fixed: Ring()
    case .rotated: Ring(order: .rotated)
    case .random: Ring(order: .random(seed: seed))
    }
  }
}
