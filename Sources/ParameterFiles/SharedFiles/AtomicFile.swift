import FederatedCore
import Foundation

/// A file that is written under a temporary name. It appears under its own name only when it is complete.
package struct AtomicFile: ~Copyable {
  private let descriptor: Int32
  private let url: URL
  private let size: Int

  /// Lets `body` write a temporary file in the folder of `url`. This file then replaces the file at `url`.
  ///
  /// If the file need not survive a crash of the machine, the old file at `url` is reused as the temporary
  /// file unless it is in use. During such a write, no file has the name `url`.
  /// - Parameters:
  ///   - size: the file's number of bytes, named in the error if the disk is full.
  ///   - spares: files that are no longer needed. One that is not in use is overwritten, instead of creating
  ///     a file.
  static func write(
    to url: URL, size: Int, durability: ParameterFile.Durability, over spares: SpareFiles? = nil,
    _ body: (borrowing AtomicFile) throws(ConsiliumError) -> Void
  ) throws(ConsiliumError) {
    let temporary = temporaryPath(beside: url)
    do throws(ConsiliumError) {
      let spare =
        spares?.take(as: temporary)
        ?? (durability == .fast ? FileUse.takeOver(url.path, as: temporary) : nil)
      let file = try AtomicFile(spare ?? Self.create(temporary), for: url, size: size)
      try body(file)
      if spare != nil, ftruncate(file.descriptor, off_t(size)) != 0 { throw file.error() }
      if durability == .durable, fsync(file.descriptor) != 0 { throw file.error() }
      if rename(temporary, url.path) != 0 { throw file.error() }
    } catch {
      unlink(temporary)
      throw error
    }
    if durability == .durable { try synchronise(folderOf: url) }
  }

  /// Makes `url` a further name of `file`, replacing the file there. Returns false if that is impossible, for
  /// example across file systems.
  static func link(_ file: SharedFile, to url: URL, durability: ParameterFile.Durability)
    throws(ConsiliumError) -> Bool
  {
    let temporary = temporaryPath(beside: url)
    guard file.link(to: temporary) else { return false }
    // Unlink in any case: if `url` is already a name of the same file, `rename` does nothing and leaves the
    // temporary name.
    defer { unlink(temporary) }
    guard durability == .fast || file.synchronise(), rename(temporary, url.path) == 0 else { return false }
    if durability == .durable { try synchronise(folderOf: url) }
    return true
  }

  /// A name that no other writer uses, made unique by the process and a counter.
  package static func temporaryPath(beside url: URL) -> String {
    url.deletingLastPathComponent()
      .appending(path: ProcessMark.newName(".\(url.lastPathComponent).") + ".part").path
  }

  /// Writes `data` so that it survives a crash of the machine.
  package static func write(_ data: Data, to url: URL) throws(ConsiliumError) {
    try write(to: url, size: data.count, durability: .durable) { (file) throws(ConsiliumError) in
      try file.append(data)
    }
  }

  private static func create(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  }

  private init(_ descriptor: Int32, for url: URL, size: Int) throws(ConsiliumError) {
    self.descriptor = descriptor
    self.url = url
    self.size = size
    guard descriptor >= 0 else { throw error() }
  }

  deinit { close(descriptor) }

  func append(_ data: Data) throws(ConsiliumError) {
    try data.withUnsafeBytes { bytes in Result { () throws(ConsiliumError) in try append(bytes) } }.get()
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(ConsiliumError) {
    var rest = bytes
    while let address = rest.baseAddress, rest.count > 0 {
      let written = Foundation.write(descriptor, address, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw error() }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  private func error() -> ConsiliumError {
    let full = errno == ENOSPC || errno == EDQUOT
    return ConsiliumError(
      .storage,
      full
        ? "the disk is full: '\(url.path)' needs \(size) bytes; free some space"
        : "cannot write '\(url.path)': \(systemMessage())")
  }

  /// Synchronises the folder of `url` to disk. Without this, a rename may be lost if the machine crashes.
  package static func synchronise(folderOf url: URL) throws(ConsiliumError) {
    try DurableFolder.synchronise(url.deletingLastPathComponent())
  }
}
