import FederatedCore
import Foundation

/// A file that one process appends to. Each append is complete or has no effect.
struct AppendFile: ~Copyable {
  /// A function that writes bytes at an offset, as `pwrite` does. Tests replace it to simulate a full disk.
  typealias Write = @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int

  let url: URL
  private let descriptor: Int32
  private let write: Write
  /// The offset of the next append.
  private(set) var size: Int
  /// Whether a failed append may have left bytes after `size`.
  private var hasRemains = false

  /// Opens or creates the file and takes its lock. The system releases the lock when the process ends, even
  /// by a crash.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if another process writes the file, `.storage` if
  ///   it cannot be opened.
  static func open(
    _ url: URL, write: @escaping Write = { Foundation.pwrite($0, $1.baseAddress, $1.count, off_t($2)) }
  ) throws(ConsiliumError) -> AppendFile {
    let descriptor = Foundation.open(url.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw error(url, "cannot write") }
    var file = AppendFile(url, descriptor: descriptor, write: write)
    try file.takeOver()
    return file
  }

  private init(_ url: URL, descriptor: Int32, write: @escaping Write) {
    self.url = url
    self.descriptor = descriptor
    self.write = write
    size = 0
  }

  private mutating func takeOver() throws(ConsiliumError) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw ConsiliumError(
        .unavailable,
        "'\(url.path)' is written by another process; a log has one writer: stop that process, or give this one a folder of its own"
      )
    }
    let status = try Self.status(of: descriptor, url)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ConsiliumError(.invalidInput, "'\(url.path)' is not a regular file")
    }
    size = Int(status.st_size)
    if size == 0 { try Self.synchronise(folderOf: url) }
  }

  deinit {
    // Unlock explicitly: a child between fork and exec still holds the descriptor, and with it the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Appends `bytes`. If that fails, the file stays as it was.
  ///
  /// - Parameter durable: whether to return only when the bytes survive a crash of the machine.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the disk is full, or if another program changed or
  ///   removed the file.
  mutating func append(_ bytes: Data, durable: Bool) throws(ConsiliumError) {
    if hasRemains { try cut(to: size) }
    try checkPlace()
    hasRemains = true
    do throws(ConsiliumError) {
      try put(bytes)
      if durable { try synchronise() }
    } catch {
      // Remove the partial append. If that fails too, the next append removes it.
      try? cut(to: size)
      throw error
    }
    size += bytes.count
    hasRemains = false
  }

  /// Shortens the file durably.
  mutating func cut(to size: Int) throws(ConsiliumError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw Self.error(url, "cannot shorten") }
    try synchronise()
    self.size = size
    hasRemains = false
  }

  func synchronise() throws(ConsiliumError) {
    guard fsync(descriptor) == 0 else { throw Self.error(url, "cannot synchronise") }
  }

  /// The bytes of a range within the file.
  func read(_ range: Range<Int>) throws(ConsiliumError) -> Data {
    var bytes = Data(count: range.count)
    var done = 0
    while done < range.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, range.count - done, off_t(range.lowerBound + done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.error(url, "cannot read") }
      done += count
    }
    return bytes
  }

  private func put(_ bytes: Data) throws(ConsiliumError) {
    let isWritten = bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let written = write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]), size + done)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return false }
        done += written
      }
      return true
    }
    guard isWritten else {
      let isFull = errno == ENOSPC || errno == EDQUOT
      throw isFull
        ? ConsiliumError(
          .storage,
          "the disk is full: '\(url.path)' needs \(bytes.count) bytes; free some space and try again")
        : Self.error(url, "cannot write")
    }
  }

  /// Throws if another program has removed the file or changed its size.
  private func checkPlace() throws(ConsiliumError) {
    let status = try Self.status(of: descriptor, url)
    guard status.st_nlink > 0, Int(status.st_size) == size else {
      throw ConsiliumError(
        .storage,
        "'\(url.path)' was \(status.st_nlink > 0 ? "changed" : "removed") by another program while it was written; restart, and "
          + "keep other programs from writing or rotating it")
    }
  }

  private static func status(of descriptor: Int32, _ url: URL) throws(ConsiliumError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw error(url, "cannot read") }
    return status
  }

  /// Synchronises a folder to disk, so that a new file in it survives a crash of the machine.
  private static func synchronise(folderOf url: URL) throws(ConsiliumError) {
    let folder = url.deletingLastPathComponent()
    let descriptor = Foundation.open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw error(folder, "cannot synchronise") }
  }

  private static func error(_ url: URL, _ what: String) -> ConsiliumError {
    ConsiliumError(.storage, "\(what) '\(url.path)': \(String(cString: strerror(errno)))")
  }
}
