import Credentials

/// One thing that happened, chained to what happened before it.
public struct AuditEntry: Sendable, Codable, Equatable {
  /// Counted from 1.
  public var sequence: Int
  public var actor: Party
}
