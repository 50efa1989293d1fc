/// A member of a consortium as its certificate names it, such as `site/DU`.
public struct Party: Hashable, Sendable, Codable, CustomStringConvertible {
  public var role: Role
  /// The name, unique within the role; for a site its ``SiteID``.
  public var name: String

  public init(role: Role, name: String) {
    self.role = role
    self.name = name
  }

  public var description: String { "\(role.rawValue)/\(name)" }
}
