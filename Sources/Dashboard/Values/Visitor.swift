import Credentials

/// A person who uses the dashboard.
public struct Visitor: Hashable, Sendable {
  /// The way in which the visitor signed in.
  public enum SignIn: String, Sendable { case certificate, token }

  public var party: Party
  public var signIn: SignIn

  public init(party: Party, signIn: SignIn) {
    self.party = party
    self.signIn = signIn
  }

  func may(_ action: DashboardAction.Kind) -> Bool { action.roles.contains(party.role) }

  /// The roles that may use the dashboard. The certificates of sites and coordinators belong to machines, not
  /// to people.
  static let roles: Set<Role> = [.lead, .operator, .observer]
}
