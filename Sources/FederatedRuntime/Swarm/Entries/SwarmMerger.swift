import FederatedCore

/// The member that merges a round, as long as it renews its lease.
public struct SwarmMerger: SwarmContent {
  public var site: SiteID
  /// The number of the lease, which tells two attempts of one member apart.
  public var lease: Int64

  public init(site: SiteID, lease: Int64) {
    self.site = site
    self.lease = lease
  }
}
