import Crypto
import FederatedCore
import Foundation

/// The description of a file that crosses the network: its size, the digest of each of its chunks, and one
/// digest that names the file.
///
/// All chunks have the same size, except perhaps the last. The name is the SHA-256 over the following, in
/// this order: the text `consilium-blob-1` and a line feed; the size and the chunk size, as little-endian
/// 64-bit numbers; the chunks' digests. Each byte is therefore hashed once, and each chunk can be checked on
/// its own.
public struct BlobDescriptor: Sendable, Hashable {
  /// The digest that names the file; 32 bytes.
  public let digest: Data
  /// The size of the file in bytes.
  public let size: Int
  /// The size of a chunk in bytes.
  public let chunkSize: Int
  /// The SHA-256 of each chunk, one after another.
  public let chunkDigests: Data

  /// The default chunk size in bytes. It is so large that the overhead per message is negligible, and so
  /// small that the few chunks queued at each end of many links fit into memory. The chunk size is part of a
  /// file's digest, and so of signed manifests: if this number changed, the manifests of unfinished runs
  /// could no longer be verified.
  public static let usualChunkSize = 512 << 10

  /// The chunk size for a file of `size` bytes. It grows for very large files, so that the list of digests
  /// stays short.
  static func chunkSize(for size: Int) -> Int {
    var chunk = usualChunkSize
    while size / chunk >= 8192, chunk < largestChunkSize { chunk *= 2 }
    return chunk
  }

  /// The largest chunk size accepted from a peer, in bytes.
  static let largestChunkSize = 4 << 20

  init(size: Int, chunkSize: Int = usualChunkSize, chunkDigests: Data) {
    self.size = size
    self.chunkSize = chunkSize
    self.chunkDigests = chunkDigests
    var hash = SHA256()
    hash.update(data: Data("consilium-blob-1\n".utf8))
    for number in [size, chunkSize] {
      withUnsafeBytes(of: UInt64(number).littleEndian) { hash.update(bufferPointer: $0) }
    }
    hash.update(data: chunkDigests)
    digest = Data(hash.finalize())
  }

  /// Creates a descriptor from the values that a peer sent.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the values contradict each other.
  init(digest: Data, size: UInt64, chunkSize: UInt32, chunkDigests: Data) throws(ConsiliumError) {
    guard (1...Self.largestChunkSize).contains(Int(chunkSize)) else {
      throw Self.fault("chunks of \(chunkSize) bytes; expected 1 to \(Self.largestChunkSize)")
    }
    guard let bytes = Int(exactly: size), bytes > 0 else { throw Self.fault("a size of \(size) bytes") }
    let count = (bytes - 1) / Int(chunkSize) + 1
    // Divide the number of bytes instead of multiplying the peer's number by 32, which could overflow.
    guard chunkDigests.count.isMultiple(of: 32), chunkDigests.count / 32 == count else {
      throw Self.fault("\(chunkDigests.count) bytes of digests for \(count) chunks")
    }
    self.init(size: bytes, chunkSize: Int(chunkSize), chunkDigests: Data(chunkDigests))
    guard digest == self.digest else { throw Self.fault("a name that is not the digest of its chunks") }
  }

  /// The digest that names the file at `url` in transfers, in hexadecimal.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public static func name(of url: URL) throws(ConsiliumError) -> String { try BlobFile.describe(url).name }

  private static func fault(_ what: String) -> ConsiliumError {
    ConsiliumError(.invalidUpdate, "a file was announced with \(what)")
  }

  public var chunkCount: Int { chunkDigests.count / 32 }

  /// The digest in hexadecimal; names files.
  public var name: String { digest.hexadecimal }

  /// The byte range of a chunk within the file.
  func range(of chunk: Int) -> Range<Int> {
    let start = chunk * chunkSize
    return start..<min(start + chunkSize, size)
  }

  func digest(of chunk: Int) -> Data {
    let start = chunkDigests.startIndex + 32 * chunk
    return chunkDigests[start..<(start + 32)]
  }

  /// Whether `bytes` are the content of this chunk.
  func matches(_ bytes: UnsafeRawBufferPointer, chunk: Int) -> Bool {
    guard bytes.count == range(of: chunk).count else { return false }
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return Data(hash.finalize()) == digest(of: chunk)
  }
}

extension Data {
  /// Lower-case hexadecimal digits, two per byte.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
