import FederatedCore
import Foundation
import Synchronization

/// A blob that is being received, by one call.
final class RelayPart: Sendable {
  let blob: RelayBlob
  let url: URL
  private let descriptor: Int32
  private let position: Mutex<Int>

  /// Opens the partial file at `url`, or creates it.
  ///
  /// - Throws: ``ConsiliumError``: `.storage` if that fails, `.invalidUpdate` if `offset` is beyond the bytes
  ///   that are there.
  init(_ url: URL, _ blob: RelayBlob, at offset: UInt64) throws(ConsiliumError) {
    self.url = url
    self.blob = blob
    descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    position = Mutex(Int(clamping: offset))
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw BlobError.cannot("write", url) }
    guard offset <= UInt64(min(Int(status.st_size), blob.size)) else {
      throw messageFault("bytes of a blob from \(offset) on, of which \(status.st_size) are there")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The number of bytes that are there, from the beginning.
  var end: Int { position.withLock { $0 } }

  var isFull: Bool { end == blob.size }

  /// - Throws: ``ConsiliumError``: `.invalidUpdate` if these are more bytes than were announced, `.storage` if
  ///   they cannot be written.
  func append(_ data: Data) throws(ConsiliumError) {
    let result = position.withLock { position -> Result<Void, ConsiliumError> in
      guard data.count <= blob.size - position else {
        return .failure(messageFault("more than the announced \(blob.size) bytes of a blob"))
      }
      let isWritten = data.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
          let count = pwrite(
            descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written,
            off_t(position + written))
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { return false }
          written += count
        }
        return true
      }
      guard isWritten else { return .failure(BlobError.cannot("write", url)) }
      position += data.count
      return .success(())
    }
    try result.get()
  }

  /// Writes the bytes to disk. Returns whether that succeeded.
  func synchronise() -> Bool { ftruncate(descriptor, off_t(blob.size)) == 0 && fsync(descriptor) == 0 }
}
