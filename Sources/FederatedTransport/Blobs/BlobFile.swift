import Crypto
import FederatedCore
import Foundation
import ParameterFiles

/// A complete blob on disk, read one chunk at a time.
final class BlobFile: Sendable {
  let descriptor: BlobDescriptor
  private let file: SharedFile

  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ url: URL, _ descriptor: BlobDescriptor) throws(ConsiliumError) {
    self.descriptor = descriptor
    file = try SharedFile(url)
  }

  /// Reads a chunk into `target`, which must have exactly the chunk's size.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file has become shorter.
  func read(_ chunk: Int, into target: UnsafeMutableRawBufferPointer) throws(ConsiliumError) {
    let range = descriptor.range(of: chunk)
    precondition(target.count == range.count, "a chunk goes into memory of its size")
    guard try file.read(into: target, from: range.lowerBound) == range.count else {
      throw ConsiliumError(
        .storage, "'\(file.url.path)' is shorter than it was; another program has changed it")
    }
  }

  /// Splits the file at `url` into chunks and hashes them in parallel.
  static func describe(_ url: URL) throws(ConsiliumError) -> BlobDescriptor {
    let file = try SharedFile(url)
    let mapping = try file.map()
    defer { munmap(mapping.baseAddress, mapping.count) }
    let size = file.count
    let chunkSize = BlobDescriptor.chunkSize(for: size)
    let count = (size - 1) / chunkSize + 1
    var digests = Data(count: 32 * count)
    digests.withUnsafeMutableBytes { target in
      // Sharing the pointers is safe: each chunk's digest is written by exactly one thread.
      nonisolated(unsafe) let (target, bytes) = (target, UnsafeRawBufferPointer(mapping))
      DispatchQueue.concurrentPerform(iterations: count) { index in
        let start = index * chunkSize
        var hash = SHA256()
        hash.update(
          bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + chunkSize, size)]))
        hash.finalize().withUnsafeBytes { digest in
          UnsafeMutableRawBufferPointer(rebasing: target[(32 * index)..<(32 * index + 32)]).copyMemory(
            from: digest)
        }
      }
    }
    return BlobDescriptor(size: size, chunkSize: chunkSize, chunkDigests: digests)
  }
}

enum BlobError {
  /// An error for a failed file operation, in plain words. `errno` must still have the value that the failed
  /// call set.
  static func cannot(_ verb: String, _ url: URL) -> ConsiliumError {
    let code = errno
    return ConsiliumError(
      .storage,
      code == ENOSPC || code == EDQUOT
        ? "the disk is full: '\(url.path)' could not be written; free some space and the transfer resumes"
        : "cannot \(verb) '\(url.path)': \(String(cString: strerror(code)))")
  }
}
