import FederatedCore
import Foundation
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// A chunk of a local file, to be sent as the message `Chunk`.
struct OutgoingChunk: Sendable {
  let file: BlobFile
  let index: Int
}

/// The content of a received message `Chunk`.
struct IncomingChunk: Sendable {
  let index: Int
  // The buffer is not shared, and it is only read.
  nonisolated(unsafe) private let message: any GRPCContiguousBytes
  /// The chunk's bytes within the message.
  private let range: Range<Int>

  /// The size of the chunk's content, without the message around it.
  var byteCount: Int { range.count }

  fileprivate init(index: Int, message: any GRPCContiguousBytes, range: Range<Int>) {
    self.index = index
    self.message = message
    self.range = range
  }

  fileprivate init(_ chunk: Consilium_V1_Chunk) {
    self.init(index: Int(chunk.index), message: [UInt8](chunk.data), range: 0..<chunk.data.count)
  }

  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try message.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

/// One message of an upload as the client sends it (`UploadPart`).
enum OutgoingUploadPart: Sendable {
  case start(Consilium_V1_UploadStart)
  case chunk(OutgoingChunk)
}

/// One message of an upload as the server receives it (`UploadPart`).
enum IncomingUploadPart: Sendable {
  case start(Consilium_V1_UploadStart)
  case chunk(IncomingChunk)
}

// Almost all bytes on the network are chunks. Generated code would copy each chunk once more at either end.
// The types below copy each chunk straight between the file and the transport's buffers. They write the same
// bytes as generated code. A received message with its fields in any other order is left to the generated
// code.

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

/// The encoding of `Chunk`, on its own and within `UploadPart`; see protobuf.dev/programming-guides/encoding.
private enum ChunkFormat {
  /// The keys of two fields. `index` belongs to `Chunk.index`, a number. `second` belongs to any field 2 with
  /// a length prefix, such as `Chunk.data` and `UploadPart.chunk`.
  static let index: UInt8 = 1 << 3, second: UInt8 = 2 << 3 | 2

  /// Encodes a key and a number.
  static func head(_ key: UInt8, _ number: Int) -> [UInt8] {
    var (bytes, rest) = ([key], number)
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// The bytes before a chunk's content. An index of 0 is omitted, as Protocol Buffers requires.
  private static func head(of chunk: OutgoingChunk) -> [UInt8] {
    (chunk.index == 0 ? [] : head(index, chunk.index)) + head(second, chunk.byteCount)
  }

  static func count(of chunk: OutgoingChunk) -> Int { head(of: chunk).count + chunk.byteCount }

  /// The bytes of `beginning`, followed by the message `Chunk`.
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

  /// The `Chunk` in `bytes` from `start` to the end; `nil` if its fields differ from the fields that
  /// ``ChunkSerializer`` writes.
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

  /// The start of the content of the field whose key is at `position`; `nil` unless this field reaches
  /// exactly to the end of `message`.
  static func start(of key: UInt8, in message: UnsafeRawBufferPointer, from position: Int) -> Int? {
    var position = position
    guard position < message.count, message[position] == key,
      let count = number(in: message, after: &position), count == message.count - position
    else { return nil }
    return position
  }

  /// Reads the number after the key at `position`, and moves `position` past it. Returns `nil` if there is no
  /// number of at most 32 bits.
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
