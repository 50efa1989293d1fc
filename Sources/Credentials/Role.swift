/// The role in a consortium that a certificate gives its holder.
public enum Role: String, Sendable, Codable, CaseIterable {
  /// The central server that runs the studies.
  case coordinator
  /// The study lead, who proposes, starts and stops studies.
  case lead
  /// A person who runs the consortium day by day: its sites, its running studies and the dashboard.
  case `operator`
  /// An institution with data.
  case site
  /// A person who may look at everything but change nothing.
  case observer
  /// A machine that keeps the register and the sealed blobs of a swarm.
  case anchor
  /// A machine that computes for sites without data of its own.
  case host

  /// Whether a person acts in this role. The name of a person may contain spaces and letters of any script.
  public var isPerson: Bool {
    switch self {
    case .lead, .operator, .observer: true
    case .coordinator, .site, .anchor, .host: false
    }
  }

  /// Whether a party in this role accepts connections. Its certificate then names its addresses.
  public var isServer: Bool { self == .coordinator || self == .anchor }
}
