import FederatedCore
import Foundation

/// A file that is written piece by piece, in any order, while no other writer can overwrite it.
package final class GrowingFile: Sendable {
  private let path: String
  private let descriptor: Int32
  /// Whether the file was a spare file. Its old contents are then meaningless.
  package let isSpare: Bool

  /// Opens the file at `path` or, if there is none, takes over a spare file or creates a new file. Returns
  /// `nil` if that fails; `errno` states the reason.
  package init?(_ path: String, over spares: SpareFiles) {
    self.path = path
    let spare = access(path, F_OK) == 0 ? nil : spares.take(as: path)
    isSpare = spare != nil
    descriptor = spare ?? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    // Ignore the result: `isInPlace` shows at the end whether the file is still at its place.
    _ = FileUse.begin(descriptor, at: path)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether the open file is still the file at `path`.
  package var isInPlace: Bool {
    guard let file = FileIdentity(of: descriptor) else { return false }
    return file == FileIdentity(at: path)
  }

  /// Fills memory with the bytes that start at `offset`. Returns false if there are fewer.
  package func read(into target: UnsafeMutableRawBufferPointer, from offset: Int) -> Bool {
    pread(descriptor, target.baseAddress, target.count, off_t(offset)) == target.count
  }

  /// Writes bytes at `offset`. Returns false if that fails; `errno` states the reason.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var written = 0
    // Repeat after a partial write: a nearly full disk accepts only a part, and reports the error on the next
    // attempt.
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(offset + written))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  /// Shortens or extends the file to this number of bytes. Returns false if that fails.
  package func resize(to size: Int) -> Bool { ftruncate(descriptor, off_t(size)) == 0 }
}
