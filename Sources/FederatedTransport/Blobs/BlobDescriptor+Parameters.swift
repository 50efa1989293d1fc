import Crypto
import FederatedCore
import Foundation
import ParameterFiles

extension BlobDescriptor {
  /// The digest that names the file of parameters in transfers, in hexadecimal, without writing the file.
  public static func name(ofFileWith group: NamedParts) -> String {
    let header = safetensorsHeader(of: group)
    let size = group.parts.reduce(header.count) { $0 + 4 * $1.count }
    var chunks = ChunkDigests(chunkSize: chunkSize(for: size))
    header.withUnsafeBytes { chunks.append($0) }
    for part in group.parts {
      part.buffer.withUnsafeValues { chunks.append(UnsafeRawBufferPointer($0)) }
    }
    return BlobDescriptor(size: size, chunkSize: chunks.chunkSize, chunkDigests: chunks.finish()).name
  }
}

/// The digests of the chunks of bytes that come one after another.
private struct ChunkDigests {
  let chunkSize: Int
  private var hash = SHA256()
  /// The number of bytes in the current chunk.
  private var filled = 0
  private var digests = Data()

  init(chunkSize: Int) { self.chunkSize = chunkSize }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + chunkSize - filled)
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      filled += end - start
      start = end
      if filled == chunkSize { finishChunk() }
    }
  }

  private mutating func finishChunk() {
    digests.append(contentsOf: hash.finalize())
    hash = SHA256()
    filled = 0
  }

  mutating func finish() -> Data {
    if filled > 0 { finishChunk() }
    return digests
  }
}
