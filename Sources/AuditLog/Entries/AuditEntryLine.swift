import Credentials
import FederatedCore
import Foundation

/// An entry as a line of the file: `{"entry":ENTRY,"hash":"HASH"}`.
///
/// `HASH` is the SHA-256 of the bytes of `ENTRY` exactly as written, in lower-case hexadecimal. A log can
/// therefore be verified without understanding its entries, and no changed byte goes unnoticed.
enum AuditEntryLine {
  /// The maximum length of a line in bytes.
  static let longest = 1 << 20

  /// The valid entry numbers. The upper limit keeps a number in a forged line from overflowing a reader's
  /// arithmetic.
  private static let sequences = 1...1 << 40

  private static let opening = Data(#"{"entry":"#.utf8)
  private static let middle = Data(#","hash":""#.utf8)
  private static let closing = Data(#""}"#.utf8)
  private static let hashLength = 64

  /// Whether a file that begins with `bytes` may be an audit log, perhaps one whose first line is unfinished.
  static func mayBegin(with bytes: Data) -> Bool {
    bytes.prefix(opening.count) == opening.prefix(bytes.count) || bytes.allSatisfy { $0 == 0 }
  }

  /// The entry with its hash, and its line including the line feed.
  static func encode(_ entry: AuditEntry) throws(ConsiliumError) -> (entry: AuditEntry, line: Data) {
    let content: Data
    do {
      content = try CanonicalJSON.encode(entry)
    } catch {
      throw ConsiliumError(.storage, "an entry of the audit log cannot be written as JSON", cause: error)
    }
    var entry = entry
    entry.hash = Fingerprint.of(content)
    let line = opening + content + middle + Data(entry.hash.utf8) + closing + [0x0A]
    guard line.count <= longest else {
      throw ConsiliumError(
        .invalidInput, "an entry of the audit log has \(line.count) bytes; expected at most \(longest)")
    }
    return (entry, line)
  }

  /// Decodes a line without its line feed. Returns `nil` if it is not an entry.
  static func decode(_ line: Data) -> Content? {
    let tail = middle.count + hashLength + closing.count
    guard line.count > opening.count + tail, line.starts(with: opening) else { return nil }
    let end = line.endIndex - tail
    let hashStart = end + middle.count
    guard line[end..<hashStart] == middle, line.suffix(closing.count) == closing else { return nil }
    let content = line[(line.startIndex + opening.count)..<end]
    guard var entry = try? CanonicalJSON.decode(AuditEntry.self, from: content),
      sequences.contains(entry.sequence)
    else { return nil }
    entry.hash = Fingerprint.of(content)
    return Content(
      entry: entry,
      statedHash: String(decoding: line[hashStart..<(hashStart + hashLength)], as: UTF8.self))
  }

  struct Content {
    /// The entry, with the hash computed from its bytes.
    var entry: AuditEntry
    /// The hash that the line states.
    var statedHash: String

    var isIntact: Bool { statedHash == entry.hash }
  }
}
