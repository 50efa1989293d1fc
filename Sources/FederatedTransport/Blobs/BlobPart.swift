import FederatedCore
import Foundation

/// A blob on its way: a file that holds its first chunks.
struct BlobPart: ~Copyable, Sendable {
  let blob: BlobDescriptor
  private let url: URL
  private let file: Int32

  init(_ url: URL, _ blob: BlobDescriptor) throws(ConsiliumError) {
    file = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    (self.url, self.blob) = (url, blob)
    guard file >= 0 else { throw BlobError.cannot("write", url) }
  }

  deinit { close(file) }

  /// Counts the chunks at the beginning of the file that are right, and cuts off what follows.
  func verify() throws(ConsiliumError) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw BlobError.cannot("read", url) }
    let size = Int(status.st_size)
    var count = 0
    var buffer = Data(count: blob.chunkSize)
    while count < blob.chunkCount, blob.range(of: count).upperBound <= size {
      let range = blob.range(of: count)
      let isRight = buffer.withUnsafeMutableBytes { bytes in
        pread(file, bytes.baseAddress, range.count, off_t(range.lowerBound)) == range.count
          && blob.matches(UnsafeRawBufferPointer(rebasing: bytes[0..<range.count]), chunk: count)
      }
      guard isRight else { break }
      count += 1
    }
    let kept = count == 0 ? 0 : blob.range(of: count - 1).upperBound
    guard ftruncate(file, off_t(kept)) == 0 else { throw BlobError.cannot("write", url) }
    return count
  }

  /// Writes one chunk.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidUpdate` where the bytes are not the announced ones, `.storage` where they cannot be
  ///   written.
  func write(_ data: Data, chunk: Int) throws(ConsiliumError) {
    let result = data.withUnsafeBytes { bytes -> Result<Void, ConsiliumError> in
      guard blob.matches(bytes, chunk: chunk) else {
        return .failure(
          ConsiliumError(
            .invalidUpdate, "chunk \(chunk) of file \(blob.name.prefix(12)) is not the one that was announced"
          ))
      }
      let start = off_t(blob.range(of: chunk).lowerBound)
      guard pwrite(file, bytes.baseAddress, bytes.count, start) == bytes.count else {
        return .failure(BlobError.cannot("write", url))
      }
      return .success(())
    }
    try result.get()
  }
}
