import FederatedCore

/// The decision of a round: the updates that count, in the order in which they are added, and the sites that
/// were dropped. Together with the model before the round it determines the model after it, whoever merges.
public struct SwarmSet: SwarmContent {
  /// An offer that counts.
  public struct Member: Codable, Equatable, Sendable {
    public var site: SiteID
    /// The digest of the update.
    public var update: String

    public init(site: SiteID, update: String) {
      self.site = site
      self.update = update
    }
  }

  /// The digest of the model before the round.
  public var base: String
  public var members: [Member]
  public var dropped: [DroppedSite]
  /// The merger that decided.
  public var merger: SiteID

  public init(base: String, members: [Member], dropped: [DroppedSite], merger: SiteID) {
    self.base = base
    self.members = members
    self.dropped = dropped
    self.merger = merger
  }
}
