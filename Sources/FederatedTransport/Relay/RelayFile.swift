import Crypto
import FederatedCore
import Foundation

/// An open file of a relay or of one of its clients.
final class RelayFile: Sendable {
  private let descriptor: Int32
  private let url: URL
  /// The size in bytes when the file was opened.
  let count: Int

  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ url: URL) throws(ConsiliumError) {
    self.url = url
    descriptor = Foundation.open(url.path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw BlobError.cannot("read", url) }
    count = Int(status.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Reads the bytes from `offset` on, up to `most`.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`, also if the file has become shorter.
  func read(at offset: Int, atMost most: Int) throws(ConsiliumError) -> Data {
    var data = Data(count: min(most, count - offset))
    let length = data.count
    let got = data.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, length, off_t(offset)) }
    guard got == length else {
      if got < 0 { throw BlobError.cannot("read", url) }
      throw ConsiliumError(.storage, "'\(url.path)' is shorter than it was; another program has changed it")
    }
    return data
  }

  /// The SHA-256 of the whole file.
  func digest() throws(ConsiliumError) -> Data {
    var (hash, offset) = (SHA256(), 0)
    while offset < count {
      let piece = try read(at: offset, atMost: 4 << 20)
      hash.update(data: piece)
      offset += piece.count
    }
    return Data(hash.finalize())
  }
}
