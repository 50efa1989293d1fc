/// An entry of an audit log, by number and hash. Every later state of the log must still contain it.
public struct AuditAnchor: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The entry's number, counted from 1.
  public var sequence: Int
  /// The entry's hash, in hexadecimal.
  public var hash: String

  public init(sequence: Int, hash: String) {
    self.sequence = sequence
    self.hash = hash
  }

  /// Reads `SEQUENCE:HASH`; `nil` if the text has a different format.
  public init?(_ description: String) {
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = Int(parts[0]), sequence > 0, parts[1].utf8.count == 64,
      parts[1].allSatisfy(\.isHexDigit)
    else { return nil }
    self.init(sequence: sequence, hash: parts[1].lowercased())
  }

  public var description: String { "\(sequence):\(hash)" }
}
