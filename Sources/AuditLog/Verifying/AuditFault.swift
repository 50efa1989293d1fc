/// A problem in an audit log: something that differs from what its owner wrote.
public struct AuditFault: Sendable, Codable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The line is not an entry.
    case unreadable
    /// The entry does not have the hash that its line states.
    case changed
    /// The hash that is written beside the entry is wrong. The entry itself is intact: the hash computed from
    /// its content is the one to which the next entry links.
    case wrongHash = "wrong-hash"
    /// The entry's link does not match the entry before it; one of the two was replaced.
    case exchanged
    /// Entries are missing.
    case missing
    /// The entry is in the wrong place.
    case reordered
    /// Another entry has the same number.
    case duplicated
    /// The first entry does not name the log's owner.
    case wrongBeginning = "wrong-beginning"
    /// The signature of a seal is not the owner's.
    case wrongSeal = "wrong-seal"
    /// A seal is missing.
    case unsealed
    /// The last line is unfinished.
    case tornTail = "torn-tail"
    /// The entry with an anchor's number has a hash that differs from the anchor's.
    case wrongAnchor = "wrong-anchor"
    /// The log ends before an entry that an anchor names.
    case truncated
    /// The log has no entry at all.
    case empty
    /// No anchor that should name an entry of this log does.
    case unanchored
  }

  /// The line, counted from 1; `nil` if the problem concerns the whole file.
  public var line: Int?
  public var kind: Kind
  public var message: String

  public var description: String { (line.map { "line \($0): " } ?? "") + "\(kind.rawValue): \(message)" }
}
