import FederatedCore

extension ResultMatrix {
  /// The gain or loss of a site: a shared model compared with the site's own model, on the site's own
  /// patients.
  public struct SiteGain: Sendable, Equatable {
    public var site: SiteID
    /// The difference in units of the metric. Positive values mean that the shared model is better, even if
    /// lower values of the metric are better.
    public var difference: SummaryEstimate
    /// Whether the site is worse off beyond chance: the whole interval is below 0.
    public var isHarm: Bool { difference.high.map { $0 < 0 } ?? false }
    /// Whether the site is worse off with the shared model, even if chance may explain the difference.
    public var isLoss: Bool { difference.value < 0 }
  }

  /// The gain of each site that has its own model, in the order of the sites. Intervals come from paired
  /// resamples.
  public func siteGains(of arm: String) -> [SiteGain] {
    guard rows.contains(where: { $0.arm == arm && $0.site == nil }) else { return [] }
    return sites.compactMap { site in
      guard let local = localRows.first(where: { $0.site == site }), let own = self[local, site],
        let shared = estimate(arm: arm, site: site),
        let difference = known(.init(quantity: .siteGain, arm: arm, other: site.rawValue))
          ?? SummaryEstimate(
            of: [shared, own], pairs: [(shared, own)], confidence: confidence,
            { higherIsBetter ? $0[0] - $0[1] : $0[1] - $0[0] })
      else { return nil }
      return SiteGain(site: site, difference: difference)
    }
  }
}
