import FederatedCore
import Foundation

/// Reads the complete lines of a file in little memory, even while another process appends to it.
struct LineReader: ~Copyable {
  struct Line {
    /// The line's number, counted from 1.
    var number: Int
    /// The line without its line feed; `nil` if it is too long to be an entry.
    var bytes: Data?
  }

  let url: URL
  /// The length in bytes of the unfinished last line, measured when the reader last reached the end of the
  /// file.
  private(set) var unfinished = 0

  private let descriptor: Int32
  private var number = 0
  /// Bytes read but not yet returned. They begin at the start of a line, unless a long line is being skipped.
  private var buffer = Data()
  /// The offset in the file at which `buffer` ends.
  private var position = 0
  private var isSkipping = false

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no such file.
  init(_ url: URL) throws(ConsiliumError) {
    descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    self.url = url
    guard descriptor >= 0 else {
      throw ConsiliumError(.invalidInput, "cannot read '\(url.path)': \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// The next complete line; `nil` if there is none yet.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  mutating func next() throws(ConsiliumError) -> Line? {
    // Count from the buffer's start, since its start index changes while reading.
    var searched = 0
    while true {
      if let end = buffer.dropFirst(searched).firstIndex(of: 0x0A) {
        let line = buffer[buffer.startIndex..<end]
        buffer = buffer[(end + 1)...]
        number += 1
        defer { isSkipping = false }
        return Line(number: number, bytes: isSkipping || line.count > AuditEntryLine.longest ? nil : line)
      }
      searched = buffer.count
      if buffer.count > AuditEntryLine.longest {
        (buffer, isSkipping, searched) = (Data(), true, 0)
      }
      guard try readMore() else { return nil }
    }
  }

  /// Reads more bytes. At the end of the file, returns false and discards an incomplete last line, so that a
  /// later call reads the whole line.
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
      unfinished = isSkipping ? AuditEntryLine.longest : buffer.count
      if !isSkipping {
        position -= buffer.count
        buffer = Data()
      }
      return false
    }
    position += count
    // Copy the remaining bytes, so that the returned lines can be freed.
    buffer = Data(buffer) + piece.prefix(count)
    return true
  }
}
