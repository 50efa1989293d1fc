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
  private let file: GrowingFile
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
  init(_ url: URL, _ blob: BlobDescriptor, in file: GrowingFile) {
    self.url = url
    self.blob = blob
    self.file = file
    let first = file.isSpare ? 0 : Self.count(file, blob)
    let present = (0..<blob.chunkCount).map { $0 < first }
    chunks = Mutex(Chunks(present: present, firstMissing: first))
  }

  /// The first chunk that is not there; as many as there are where all are.
  var firstMissing: Int { chunks.withLock { $0.firstMissing } }

  var isWhole: Bool { firstMissing == blob.chunkCount }

  private static func count(_ file: GrowingFile, _ blob: BlobDescriptor) -> Int {
    var count = 0
    var buffer = Data(count: min(blob.chunkSize, blob.size))
    while count < blob.chunkCount {
      let range = blob.range(of: count)
      let isRight = buffer.withUnsafeMutableBytes { bytes in
        let chunk = UnsafeMutableRawBufferPointer(rebasing: bytes[0..<range.count])
        return file.read(into: chunk, from: range.lowerBound)
          && blob.matches(UnsafeRawBufferPointer(chunk), chunk: count)
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
    guard file.write(bytes, at: blob.range(of: chunk).lowerBound) else {
      throw BlobError.cannot("write", url)
    }
    chunks.withLock { $0.add(chunk) }
  }

  /// True where this is still the file at its place.
  var isInPlace: Bool { file.isInPlace }

  /// True where this is still the file at its place, made exactly as long as the blob.
  func isComplete() -> Bool { isInPlace && file.resize(to: blob.size) }
}
