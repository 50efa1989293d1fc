import FederatedCore
import Foundation

/// A sealed file: 32 random bytes, 32 bytes that commit to its key, then chunks of 1 MiB of content, each
/// encrypted and authenticated with AES-GCM.
///
/// The key of the chunks depends on the random bytes, so no two files are encrypted with the same one. The
/// nonce of a chunk is its number and whether it is the last. A chunk that is altered, exchanged, left out or
/// added is therefore refused, and so is a file that ends early.
public struct SealedBlob: Sendable {
  /// The number of bytes of content in each chunk but the last.
  public static let chunkSize = 1 << 20
  /// The number of bytes that a chunk grows by.
  static let overhead = 16
  /// The number of bytes before the first chunk.
  public static let headSize = 64

  private let key: ContentKey
  private let context: Data

  /// - Parameter context: what the file is, such as its study, arm, round and sender; the same at both ends.
  public init(_ key: ContentKey, context: String) {
    self.key = key
    self.context = Data("consilium-sealed-1\n\(context)".utf8)
  }

  /// The number of chunks of content with this number of bytes. Content without bytes has one empty chunk.
  public static func chunkCount(of size: Int) -> Int { max(1, (size + chunkSize - 1) / chunkSize) }

  /// The size of the sealed file.
  public static func sealedSize(of size: Int) -> Int { headSize + size + chunkCount(of: size) * overhead }

  /// The size of the content of a sealed file.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if no sealed file has this size.
  public static func contentSize(of sealedSize: Int) throws(ConsiliumError) -> Int {
    let body = sealedSize - headSize
    let count = (body + chunkSize + overhead - 1) / (chunkSize + overhead)
    let size = body - count * overhead
    guard body > 0, size >= 0, Self.sealedSize(of: size) == sealedSize else {
      throw ConsiliumError(.invalidUpdate, "a sealed file of \(sealedSize) bytes is incomplete")
    }
    return size
  }

  /// The range of bytes of a chunk in the content.
  static func range(of chunk: Int, size: Int) -> Range<Int> {
    let start = chunk * chunkSize
    return start..<min(start + chunkSize, size)
  }

  /// The range of bytes of a chunk in the sealed file.
  static func sealedRange(of chunk: Int, size: Int) -> Range<Int> {
    let range = range(of: chunk, size: size)
    let start = headSize + range.lowerBound + chunk * overhead
    return start..<(start + range.count + overhead)
  }

  /// Seals content of `size` bytes piece by piece.
  ///
  /// - Parameters:
  ///   - read: returns the bytes in a range of the content.
  ///   - write: takes the next bytes of the sealed file.
  public func seal(
    _ size: Int, read: (Range<Int>) throws -> Data, write: (Data) throws -> Void
  ) throws {
    let count = Self.chunkCount(of: size)
    let cipher = ChunkCipher(key, salt: ContentKey().bytes, context: context)
    try write(cipher.head)
    for chunk in 0..<count {
      let content = try read(Self.range(of: chunk, size: size))
      try write(try cipher.seal(content, chunk: chunk, isLast: chunk == count - 1))
    }
  }

  /// Opens a sealed file of `sealedSize` bytes piece by piece. What was written before an error is genuine,
  /// but incomplete.
  ///
  /// - Parameters:
  ///   - read: returns the bytes in a range of the sealed file.
  ///   - write: takes the next bytes of the content.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the file was altered or is incomplete, or the
  ///   key or the context is another one; the errors of `read` and `write`.
  public func open(
    _ sealedSize: Int, read: (Range<Int>) throws -> Data, write: (Data) throws -> Void
  ) throws {
    let size = try Self.contentSize(of: sealedSize)
    let head = try read(0..<Self.headSize)
    let cipher = ChunkCipher(key, salt: head.prefix(32), context: context)
    guard head == cipher.head else {
      throw ConsiliumError(
        .invalidUpdate, "a sealed file cannot be opened: its key or its purpose is another")
    }
    let count = Self.chunkCount(of: size)
    for chunk in 0..<count {
      let sealed = try read(Self.sealedRange(of: chunk, size: size))
      try write(try cipher.open(sealed, chunk: chunk, isLast: chunk == count - 1))
    }
  }
}
