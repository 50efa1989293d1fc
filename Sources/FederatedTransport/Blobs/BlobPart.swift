import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// A partly transferred blob: a file that holds some of its chunks.
///
/// Every chunk is checked before it is written, and is only written to its own place. Two transfers of one
/// blob can therefore write to the same file, for example a transfer over a dead link and its successor.
final class BlobPart: Sendable {
  let blob: BlobDescriptor
  let url: URL
  private let file: GrowingFile
  private let chunks: Mutex<Chunks>

  private struct Chunks {
    /// Whether each chunk is present.
    var present: [Bool]
    var firstMissing: Int

    mutating func add(_ chunk: Int) {
      present[chunk] = true
      while firstMissing < present.count, present[firstMissing] { firstMissing += 1 }
    }
  }

  /// Keeps the correct chunks at the beginning of the file. All chunks after the first wrong chunk are
  /// treated as missing.
  init(_ url: URL, _ blob: BlobDescriptor, in file: GrowingFile) {
    self.url = url
    self.blob = blob
    self.file = file
    let first = file.isSpare ? 0 : Self.count(file, blob)
    let present = (0..<blob.chunkCount).map { $0 < first }
    chunks = Mutex(Chunks(present: present, firstMissing: first))
  }

  /// The first missing chunk; the number of chunks if none is missing.
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
  /// - Throws: ``ConsiliumError``: `.invalidUpdate` if the bytes differ from the announced chunk, `.storage`
  ///   if they cannot be written.
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

  /// Whether the open file is still the one at `url`.
  var isInPlace: Bool { file.isInPlace }

  /// Truncates the file to the blob's size. Returns `false` if that fails, or if the open file is no longer
  /// the one at `url`.
  func isComplete() -> Bool { isInPlace && file.resize(to: blob.size) }
}
