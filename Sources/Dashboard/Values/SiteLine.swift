import FederatedCore
import Foundation

/// A site of the consortium and how it is connected.
public struct SiteLine: Sendable, Equatable {
  /// Whether the site's agent is connected to the coordinator.
  public enum Link: String, Sendable, CaseIterable {
    case connected
    /// It was connected before.
    case away
    /// It has a certificate and was never connected.
    case never
    /// Its certificate does not count any more.
    case revoked
  }

  public var site: SiteID
  /// The institution's full name.
  public var title: String?
  public var link: Link
  public var lastSeen: Date?
  /// The version of the agent.
  public var version: String?
  public var certificateExpires: Date?
  /// In seconds; positive where the site's clock is ahead of the coordinator's.
  public var clockSkew: Double?

  public init(
    site: SiteID, title: String? = nil, link: Link, lastSeen: Date? = nil, version: String? = nil,
    certificateExpires: Date? = nil, clockSkew: Double? = nil
  ) {
    self.site = site
    self.title = title
    self.link = link
    self.lastSeen = lastSeen
    self.version = version
    self.certificateExpires = certificateExpires
    self.clockSkew = clockSkew
  }
}
