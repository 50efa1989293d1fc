import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension SealedBlob {
  /// Seals the file at `source` into the file at `target`, which only the owner can read.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if a file cannot be read or written. The file at `target`
  ///   is then as it was.
  public func seal(_ source: URL, to target: URL) throws {
    let file = try RelayFile(source)
    try Self.replace(target) { write in
      try seal(file.count, read: { try file.read(at: $0.lowerBound, atMost: $0.count) }, write: write)
    }
  }

  /// Opens the sealed file at `source` into the file at `target`, which only the owner can read.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidUpdate` if the file was altered or its key or context is another,
  ///   `.storage` if a file cannot be read or written. The file at `target` is then as it was.
  public func open(_ source: URL, to target: URL) throws {
    let file = try RelayFile(source)
    try Self.replace(target) { write in
      try open(file.count, read: { try file.read(at: $0.lowerBound, atMost: $0.count) }, write: write)
    }
  }

  /// Lets `body` write a temporary file, which then replaces the file at `target`.
  private static func replace(_ target: URL, _ body: ((Data) throws -> Void) throws -> Void) throws {
    let temporary = URL(fileURLWithPath: AtomicFile.temporaryPath(beside: target))
    let descriptor = Foundation.open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw BlobError.cannot("write", target) }
    defer { close(descriptor) }
    do {
      try body { data in
        try data.withUnsafeBytes { bytes in
          var written = 0
          while written < bytes.count {
            let count = Foundation.write(
              descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BlobError.cannot("write", target) }
            written += count
          }
        }
      }
      guard rename(temporary.path, target.path) == 0 else { throw BlobError.cannot("write", target) }
    } catch {
      unlink(temporary.path)
      throw error
    }
  }
}
