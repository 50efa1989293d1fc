import FederatedCore
import Foundation

/// A file that is written piece by piece at its place, in any order, and that nobody overwrites meanwhile.
package final class GrowingFile: Sendable {
  private let path: String
  private let descriptor: Int32
  /// True if it is a spare file, whose contents mean nothing.
  package let isSpare: Bool

  /// Opens the file at `path`, or else begins it over a spare file, or else anew. Returns `nil` if that fails; `errno` says
  /// why.
  package init?(_ path: String, over spares: SpareFiles) {
    self.path = path
    let spare = access(path, F_OK) == 0 ? nil : spares.take(as: path)
    isSpare = spare != nil
    descriptor = spare ?? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    // A file that is no longer at its place is noticed in the end.
    _ = FileUse.begin(descriptor, at: path)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// True if this is still the file at its place.
  package var isInPlace: Bool {
    guard let file = FileIdentity(of: descriptor) else { return false }
    return file == FileIdentity(at: path)
  }

  /// Fills memory with the bytes from `offset` on. Returns false if there are not as many.
  package func read(into target: UnsafeMutableRawBufferPointer, from offset: Int) -> Bool {
    pread(descriptor, target.baseAddress, target.count, off_t(offset)) == target.count
  }

  /// Writes bytes to their place. Returns false if that fails; `errno` says why.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var written = 0
    // A disk that fills up takes a part of it first, and says why only when asked again.
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(offset + written))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  /// Cuts or extends the file to so many bytes. Returns false if that fails.
  package func resize(to size: Int) -> Bool { ftruncate(descriptor, off_t(size)) == 0 }
}
