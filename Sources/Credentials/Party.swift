/// Someone in a consortium, as a certificate names them: `site/DU`.
public struct Party: Hashable, Sendable, Codable, CustomStringConvertible {
  public var role: Role
  /// Unique within the role; for a site its ``SiteID``.
  public var name: String

  public init(role: Role, name: String) { (self.role, self.name) = (role, name) }

  public var description: String { "\(role.rawValue)/\(name)" }
}
