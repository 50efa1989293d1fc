import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// A blob on its way: a file that holds some of its chunks.
///
/// Every chunk is checked before it is written, and only to its own place. So two transfers of one blob, such as one over a link
/// that has died unnoticed and the one that followed it, can write to the same file.
final class BlobPart: Sendable {
  let blob: BlobDescriptor
  let url: URL
  private let file: Int32
  private let chunks: Mutex<Chunks>

  private struct Chunks {
    /// True for each chunk that is there.
    var present: [Bool]
    var firstMissing: Int

    mutating func add(_ chunk: Int) {
      present[chunk] = true
      while firstMissing < present.count, present[firstMissing] { firstMissing += 1 }
    }
  }

  /// Counts the chunks at the beginning of the file that are right; what follows them does not count.
  ///
  /// - Parameter spare: an open file at `url` that is written over; nil for the one that lies there or a new one.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ url: URL, _ blob: BlobDescriptor, over spare: Int32? = nil) throws(ConsiliumError) {
    let file = spare ?? open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BlobError.cannot("write", url) }
    (self.url, self.blob, self.file) = (url, blob, file)
    // A file that is no longer at its place is noticed at the end.
    _ = SpareFiles.use(file, at: url.path)
    let first = spare == nil ? Self.count(file, blob) : 0
    let present = (0..<blob.chunkCount).map { $0 < first }
    chunks = Mutex(Chunks(present: present, firstMissing: first))
  }

  deinit { close(file) }

  /// The first chunk that is not there; as many as there are where all are.
  var firstMissing: Int { chunks.withLock { $0.firstMissing } }

  var isWhole: Bool { firstMissing == blob.chunkCount }

  private static func count(_ file: Int32, _ blob: BlobDescriptor) -> Int {
    var count = 0
    var buffer = Data(count: min(blob.chunkSize, blob.size))
    while count < blob.chunkCount {
      let range = blob.range(of: count)
      let isRight = buffer.withUnsafeMutableBytes { bytes in
        pread(file, bytes.baseAddress, range.count, off_t(range.lowerBound)) == range.count
          && blob.matches(UnsafeRawBufferPointer(rebasing: bytes[0..<range.count]), chunk: count)
      }
      guard isRight else { break }
      count += 1
    }
    return count
  }

  /// Writes one chunk.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidUpdate` where the bytes are not the announced ones, `.storage` where they cannot be
  ///   written.
  func write(_ bytes: UnsafeRawBufferPointer, chunk: Int) throws(ConsiliumError) {
    guard (0..<blob.chunkCount).contains(chunk), blob.matches(bytes, chunk: chunk) else {
      throw ConsiliumError(
        .invalidUpdate, "chunk \(chunk) of file \(blob.name.prefix(12)) is not the one that was announced")
    }
    let start = blob.range(of: chunk).lowerBound
    var written = 0
    // A disk that fills up takes a part of it first, and says why only when asked again.
    while written < bytes.count {
      let count = pwrite(
        file, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(start + written))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw BlobError.cannot("write", url) }
      written += count
    }
    chunks.withLock { $0.add(chunk) }
  }

  /// True where this is still the file at its place.
  var isInPlace: Bool {
    var (mine, named) = (stat(), stat())
    return fstat(file, &mine) == 0 && stat(url.path, &named) == 0
      && (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)
  }

  /// True where this is still the file at its place, made exactly as long as the blob.
  func isComplete() -> Bool { isInPlace && ftruncate(file, off_t(blob.size)) == 0 }
}
