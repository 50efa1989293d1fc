import FederatedCore
import Foundation

/// The position from which a reopened log continues.
struct AuditTail {
  /// The last whole entry; `nil` if there is none.
  var last: AuditEntry?
  /// The number of bytes up to and including the last whole entry.
  var size: Int

  /// Finds the end of a log by searching backwards, however long it is.
  ///
  /// After the last whole line, a crash may leave an unfinished line, or zeros that a file system put in
  /// place of unwritten bytes. A crash leaves nothing else, so any other line that is not an entry means that
  /// the log is damaged.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidInput` if the file is not an audit log, `.storage` if its last
  ///   entry is damaged.
  static func find(in file: borrowing AppendFile) throws(ConsiliumError) -> AuditTail {
    guard AuditEntryLine.mayBegin(with: try file.read(0..<min(file.size, 16))) else {
      throw ConsiliumError(.invalidInput, "'\(file.url.path)' is not an audit log; name another file")
    }
    var end = file.size
    while end > 0 {
      let start = try lineStart(before: end - 1, in: file)
      let line = try file.read(start..<end)
      if line.last == 0x0A, !line.contains(0) {
        guard let content = AuditEntryLine.decode(line.dropLast()), content.isIntact else {
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

  /// The offset of the line that contains the byte at `position`.
  private static func lineStart(before position: Int, in file: borrowing AppendFile) throws(ConsiliumError)
    -> Int
  {
    let piece = 1 << 16
    var end = position
    while end > 0 {
      let start = max(0, end - piece)
      if let index = try file.read(start..<end).lastIndex(of: 0x0A) { return start + index + 1 }
      end = start
      guard position - end <= 16 * AuditEntryLine.longest else {
        throw ConsiliumError(.storage, "'\(file.url.path)' ends in a line that is too long for an audit log")
      }
    }
    return 0
  }
}
