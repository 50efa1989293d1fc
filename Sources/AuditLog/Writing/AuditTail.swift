import FederatedCore
import Foundation

/// Where a log that is opened again goes on.
struct AuditTail {
  /// The last whole entry; nil where there is none.
  var last: AuditEntry?
  /// The bytes up to and with the last whole entry.
  var size: Int

  /// Finds the end of a log from behind, however long it is.
  ///
  /// What a crash leaves behind the last whole line is a line without its end, or zeros that a file system put where nothing had
  /// been written yet. Anything else that is no entry was not left by a crash.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidInput` where the file is no audit log, `.storage` where its last entry is damaged.
  static func find(in file: borrowing AppendFile) throws(ConsiliumError) -> AuditTail {
    guard AuditLine.mayBegin(with: try file.read(0..<min(file.size, 16))) else {
      throw ConsiliumError(.invalidInput, "'\(file.url.path)' is no audit log; name another file")
    }
    var end = file.size
    while end > 0 {
      let start = try lineStart(before: end - 1, in: file)
      let line = try file.read(start..<end)
      if line.last == 0x0A, !line.contains(0) {
        guard let content = AuditLine.decode(line.dropLast()), content.isIntact else {
          throw ConsiliumError(
            .storage,
            "the last entry of '\(file.url.path)' is damaged; run 'consilium audit verify' on it, keep the file as evidence under "
              + "another name, and start again with a new log")
        }
        return AuditTail(last: content.entry, size: end)
      }
      end = start
    }
    return AuditTail(last: nil, size: 0)
  }

  /// Where the line that holds the byte at `position` begins.
  private static func lineStart(before position: Int, in file: borrowing AppendFile) throws(ConsiliumError)
    -> Int
  {
    let piece = 1 << 16
    var end = position
    while end > 0 {
      let start = max(0, end - piece)
      if let index = try file.read(start..<end).lastIndex(of: 0x0A) { return start + index + 1 }
      end = start
      guard position - end <= 16 * AuditLine.longest else {
        throw ConsiliumError(.storage, "'\(file.url.path)' ends in a line that is too long for an audit log")
      }
    }
    return 0
  }
}
