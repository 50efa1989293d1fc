import FederatedCore
import Foundation

/// A site of the consortium and the state of its connection.
public struct SiteLine: Sendable, Equatable {
  /// Whether the site's agent is connected to the coordinator.
  public enum Link: String, Sendable, CaseIterable {
    case connected
    /// The site's agent was connected earlier but is not now.
    case away
    /// The site has a certificate, but its agent was never connected.
    case never
    /// The site's certificate is no longer valid.
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
  /// The clock skew in seconds; positive if the site's clock is ahead of the coordinator's.
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
