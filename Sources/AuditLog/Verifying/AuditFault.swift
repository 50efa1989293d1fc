/// Something in an audit log that is not as its owner wrote it.
public struct AuditFault: Sendable, Codable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The line is no entry.
    case unreadable
    /// The entry does not have the hash that its line states.
    case changed
    /// The line states another hash than the entry has, which the next entry still names.
    case wrongHash = "wrong-hash"
    /// The entry names another one before it than the log holds: one of them was exchanged.
    case exchanged
    /// Entries are not there.
    case missing
    /// The entry is not in its place.
    case reordered
    /// The entry's number is there already.
    case duplicated
    /// The first entry does not say whose log it is.
    case wrongBeginning = "wrong-beginning"
    /// The signature of a seal is not the owner's.
    case wrongSeal = "wrong-seal"
    /// No seal where one is due.
    case unsealed
    /// The last line has no end.
    case tornTail = "torn-tail"
    /// Another entry is in the place that an anchor names.
    case wrongAnchor = "wrong-anchor"
    /// The log ends before an entry that an anchor names.
    case truncated
  }

  /// Counted from 1; nil where the fault is of the whole file.
  public var line: Int?
  public var kind: Kind
  public var message: String

  public var description: String { (line.map { "line \($0): " } ?? "") + "\(kind.rawValue): \(message)" }
}
