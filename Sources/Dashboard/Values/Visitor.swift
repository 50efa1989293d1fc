import Credentials

/// Who looks at the dashboard.
public struct Visitor: Hashable, Sendable {
  /// How they showed who they are.
  public enum SignIn: String, Sendable { case certificate, token }

  public var party: Party
  public var signIn: SignIn

  public init(party: Party, signIn: SignIn) {
    self.party = party
    self.signIn = signIn
  }

  func may(_ action: DashboardAction.Kind) -> Bool { action.roles.contains(party.role) }

  /// The roles that may look; a site's or the coordinator's certificate belongs to a machine, not to a person.
  static let roles: Set<Role> = [.lead, .operator, .observer]
}
