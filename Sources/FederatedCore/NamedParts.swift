/// Parameter vectors with their names, as files and journals store them: a ``ParameterGroup`` without its
/// static type.
public struct NamedParts: Sendable, Equatable {
  public let names: [String]
  public let parts: [ModelParameters]

  public init<Group: ParameterGroup>(_ group: Group) {
    (names, parts) = (Group.partNames, group.parts)
  }

  /// - Precondition: There are as many names as parts.
  public init(names: [String], parts: [ModelParameters]) {
    precondition(names.count == parts.count, "\(names.count) names for \(parts.count) parts")
    self.names = names
    self.parts = parts
  }

  /// Converts the parts back to a typed group.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the parts do not match the type.
  public func group<Group: ParameterGroup>(as type: Group.Type = Group.self) throws(ConsiliumError) -> Group {
    guard names == Group.partNames else {
      throw ConsiliumError(
        .storage,
        "expected the parts \(Group.partNames.joined(separator: ", ")) but found \(names.joined(separator: ", "))"
      )
    }
    return Group(parts: parts)
  }
}
