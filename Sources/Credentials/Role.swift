/// What a certificate lets its holder do in a consortium.
public enum Role: String, Sendable, Codable, CaseIterable {
  /// Runs the central server.
  case coordinator
  /// Proposes, starts and stops studies.
  case lead
  /// Runs the consortium day by day: sites, studies under way, the dashboard.
  case `operator`
  /// An institution with data.
  case site
  /// Looks, and changes nothing.
  case observer

  /// Whether a person acts in this role. People's names may have letters of any script and spaces.
  public var isPerson: Bool {
    switch self {
    case .lead, .operator, .observer: true
    case .coordinator, .site: false
    }
  }
}
