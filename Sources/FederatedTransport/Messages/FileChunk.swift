import FederatedCore
import Foundation
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// A chunk of a file that lies here, to be sent as the message `Chunk`.
struct OutgoingChunk: Sendable {
  let file: BlobFile
  let index: Int
}

/// The content of the message `Chunk` as it came in.
struct IncomingChunk: Sendable {
  let index: Int
  // Nobody else has it, and it is only read.
  nonisolated(unsafe) private let message: any GRPCContiguousBytes
  /// Where the chunk's bytes lie in the message.
  private let range: Range<Int>

  /// Of the content alone.
  var byteCount: Int { range.count }

  fileprivate init(index: Int, message: any GRPCContiguousBytes, range: Range<Int>) {
    (self.index, self.message, self.range) = (index, message, range)
  }

  fileprivate init(_ chunk: Consilium_V1_Chunk) {
    self.init(index: Int(chunk.index), message: [UInt8](chunk.data), range: 0..<chunk.data.count)
  }

  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try message.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

/// What a client sends in an upload, as the message `UploadPart`.
enum OutgoingUploadPart: Sendable {
  case start(Consilium_V1_UploadStart)
  case chunk(OutgoingChunk)
}

/// What comes in in an upload.
enum IncomingUploadPart: Sendable {
  case start(Consilium_V1_UploadStart)
  case chunk(IncomingChunk)
}

// Chunks are almost all that crosses the network. Generated code copies each once more at either end; here its bytes go from the file to
// the transport's memory and back. What is sent is the same to the byte, and any other order of fields is left to the
// generated code.

struct ChunkSerializer: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ chunk: OutgoingChunk) throws -> Bytes {
    try ChunkFormat.bytes(of: chunk, after: [])
  }
}

struct ChunkDeserializer: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> IncomingChunk {
    if let chunk = ChunkFormat.chunk(in: bytes, from: 0) { return chunk }
    return IncomingChunk(try ProtobufDeserializer<Consilium_V1_Chunk>().deserialize(bytes))
  }
}

struct UploadPartSerializer: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ part: OutgoingUploadPart) throws -> Bytes {
    switch part {
    case .start(let start):
      return try ProtobufSerializer<Consilium_V1_UploadPart>().serialize(.with { $0.start = start })
    case .chunk(let chunk):
      let count = ChunkFormat.count(of: chunk)
      return try ChunkFormat.bytes(of: chunk, after: ChunkFormat.head(ChunkFormat.second, count))
    }
  }
}

struct UploadPartDeserializer: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> IncomingUploadPart {
    if let start = bytes.withUnsafeBytes({ ChunkFormat.start(of: ChunkFormat.second, in: $0, from: 0) }),
      let chunk = ChunkFormat.chunk(in: bytes, from: start)
    {
      return .chunk(chunk)
    }
    switch try ProtobufDeserializer<Consilium_V1_UploadPart>().deserialize(bytes).part {
    case .start(let start): return .start(start)
    case .chunk(let chunk): return .chunk(IncomingChunk(chunk))
    case nil: throw messageFault("a part of an upload without content")
    }
  }
}

/// The encoding of `Chunk` by itself and in `UploadPart`; see protobuf.dev/programming-guides/encoding.
private enum ChunkFormat {
  /// The keys of `Chunk.index`, a number, and of the field 2, bytes or a message of a length that follows: `Chunk.data` and
  /// `UploadPart.chunk`.
  static let index: UInt8 = 1 << 3, second: UInt8 = 2 << 3 | 2

  /// A key and a number.
  static func head(_ key: UInt8, _ number: Int) -> [UInt8] {
    var (bytes, rest) = ([key], number)
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// What comes before a chunk's bytes; a number of 0 is not written.
  private static func head(of chunk: OutgoingChunk) -> [UInt8] {
    (chunk.index == 0 ? [] : head(index, chunk.index)) + head(second, chunk.byteCount)
  }

  static func count(of chunk: OutgoingChunk) -> Int { head(of: chunk).count + chunk.byteCount }

  /// `beginning` and the message `Chunk`.
  static func bytes<Bytes: GRPCContiguousBytes>(of chunk: OutgoingChunk, after beginning: [UInt8]) throws
    -> Bytes
  {
    let head = beginning + head(of: chunk)
    var bytes = Bytes(repeating: 0, count: head.count + chunk.byteCount)
    try bytes.withUnsafeMutableBytes { target in
      target.copyBytes(from: head)
      try chunk.file.read(chunk.index, into: UnsafeMutableRawBufferPointer(rebasing: target[head.count...]))
    }
    return bytes
  }

  /// The `Chunk` that `bytes` hold from `start` to their end; nil where its fields are not as ``ChunkSerializer`` writes them.
  static func chunk(in bytes: some GRPCContiguousBytes, from start: Int) -> IncomingChunk? {
    bytes.withUnsafeBytes { message in
      var position = start
      let number =
        position < message.count && message[position] == index
        ? Self.number(in: message, after: &position) : 0
      guard let number, let data = Self.start(of: second, in: message, from: position) else { return nil }
      return IncomingChunk(index: number, message: bytes, range: data..<message.count)
    }
  }

  /// Where the content of a field begins whose key is at `position` and that reaches to the end of `message`; nil where there is none.
  static func start(of key: UInt8, in message: UnsafeRawBufferPointer, from position: Int) -> Int? {
    var position = position
    guard position < message.count, message[position] == key,
      let count = number(in: message, after: &position), count == message.count - position
    else { return nil }
    return position
  }

  /// The number that follows the key at `position`, which is moved behind it; nil where there is none of 32 bits.
  private static func number(in message: UnsafeRawBufferPointer, after position: inout Int) -> Int? {
    var number = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      position += 1
      guard position < message.count else { return nil }
      number |= Int(message[position] & 127) << shift
      if message[position] < 128 {
        position += 1
        return UInt32(exactly: number).map(Int.init)
      }
    }
    return nil
  }
}

extension OutgoingChunk {
  var byteCount: Int { file.descriptor.range(of: index).count }
}
