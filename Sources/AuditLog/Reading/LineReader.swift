import FederatedCore
import Foundation

/// The whole lines of a file in little memory, also while another process appends to it.
struct LineReader: ~Copyable {
  struct Line {
    /// Counted from 1.
    var number: Int
    /// Without the line feed; nil where the line is too long to be an entry.
    var bytes: Data?
  }

  let url: URL
  /// The bytes behind the last whole line when the end was last reached.
  private(set) var unfinished = 0

  private let descriptor: Int32
  private var number = 0
  /// What has been read and not been handed out; begins at the start of a line, unless that is being skipped.
  private var buffer = Data()
  /// Where in the file `buffer` ends.
  private var position = 0
  private var isSkipping = false

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where there is no such file.
  init(_ url: URL) throws(ConsiliumError) {
    descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    self.url = url
    guard descriptor >= 0 else {
      throw ConsiliumError(.invalidInput, "cannot read '\(url.path)': \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// The next line that has its end; nil where there is none yet.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  mutating func next() throws(ConsiliumError) -> Line? {
    // Counted from the buffer's start, whose index changes with what is read.
    var searched = 0
    while true {
      if let end = buffer.dropFirst(searched).firstIndex(of: 0x0A) {
        let line = buffer[buffer.startIndex..<end]
        buffer = buffer[(end + 1)...]
        number += 1
        defer { isSkipping = false }
        return Line(number: number, bytes: isSkipping || line.count > AuditLine.longest ? nil : line)
      }
      searched = buffer.count
      if buffer.count > AuditLine.longest {
        (buffer, isSkipping, searched) = (Data(), true, 0)
      }
      guard try readMore() else { return nil }
    }
  }

  /// False at the end of the file, where a part of a line is forgotten, to be read anew when it may be whole.
  private mutating func readMore() throws(ConsiliumError) -> Bool {
    let size = 1 << 16
    var piece = Data(count: size)
    let count = piece.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, size, off_t(position)) }
    if count < 0 {
      guard errno == EINTR else {
        throw ConsiliumError(.storage, "cannot read '\(url.path)': \(String(cString: strerror(errno)))")
      }
      return true
    }
    if count == 0 {
      unfinished = isSkipping ? AuditLine.longest : buffer.count
      if !isSkipping {
        position -= buffer.count
        buffer = Data()
      }
      return false
    }
    position += count
    // A copy of the rest, so that what was handed out can be freed.
    buffer = Data(buffer) + piece.prefix(count)
    return true
  }
}
