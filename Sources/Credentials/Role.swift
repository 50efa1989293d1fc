/// The role in a consortium that a certificate gives its holder.
public enum Role: String, Sendable, Codable, CaseIterable {
  /// Runs the central server.
  case coordinator
  /// Proposes, starts and stops studies.
  case lead
  /// Runs the consortium day by day: sites, running studies, the dashboard.
  case `operator`
  /// An institution with data.
  case site
  /// May look at everything but change nothing.
  case observer

  /// Whether a person acts in this role. People's names may have letters of any script and spaces.
  public var isPerson: Bool {
    switch self {
    case .lead, .operator, .observer: true
    case .coordinator, .site: false
    }
  }
}
