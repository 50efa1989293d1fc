/// A place in the chain of an audit log: what the log held then, and must hold ever after.
public struct AuditAnchor: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The entry's number, counted from 1.
  public var sequence: Int
  /// The entry's hash, in hexadecimal.
  public var hash: String

  public init(sequence: Int, hash: String) { (self.sequence, self.hash) = (sequence, hash) }

  /// Reads `SEQUENCE:HASH`; nil where the text is something else.
  public init?(_ description: String) {
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = Int(parts[0]), sequence > 0, parts[1].utf8.count == 64,
      parts[1].allSatisfy(\.isHexDigit)
    else { return nil }
    self.init(sequence: sequence, hash: parts[1].lowercased())
  }

  public var description: String { "\(sequence):\(hash)" }
}
