import FederatedCore

extension [SiteID] {
  /// The sites in an order that is drawn from a seed.
  ///
  /// Each site gets a random number of its own, and the numbers are sorted. The order of two sites therefore
  /// does not depend on which other sites there are.
  func drawn(seed: UInt64, for purpose: RandomStream.Purpose, round: Int) -> [SiteID] {
    func number(_ site: SiteID) -> UInt64 {
      RandomStream.seed(study: seed, purpose: purpose, site: site, round: round)
    }
    return sorted { first, second in
      let (a, b) = (number(first), number(second))
      return a == b ? first < second : a < b
    }
  }
}
