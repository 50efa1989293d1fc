import FederatedCore
import Foundation
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import FederatedTransport

/// The hand-written encoding and decoding match the generated code.
struct FileChunkTests {
  /// Chunks of a file so large that its numbers have encodings of one, two and three bytes.
  private func withChunks(_ body: (OutgoingChunk, Data) throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder)
      let blob = try store.addNoise(1000)
      for (size, index) in [(1000, 0), (100, 1), (100, 9), (7, 127), (7, 128), (7, 142), (500, 1)] {
        let file = try BlobFile(
          store.url(of: blob),
          BlobDescriptor(
            size: 1000, chunkSize: size, chunkDigests: Data(count: 32 * ((1000 - 1) / size + 1))))
        try body(OutgoingChunk(file: file, index: index), try file.chunk(index))
      }
    }
  }

  private func message(_ index: Int, _ data: Data) -> Consilium_V1_Chunk {
    .with { ($0.index, $0.data) = (UInt32(index), data) }
  }

  private func bytes(_ chunk: IncomingChunk) -> Data { chunk.withUnsafeBytes { Data($0) } }

  private func chunk(_ part: IncomingUploadPart) throws -> IncomingChunk {
    guard case .chunk(let chunk) = part else { throw LawBrokenHere("no chunk") }
    return chunk
  }

  @Test func encodingMatchesTheGeneratedCode() async throws {
    try await withChunks { chunk, data in
      let expected = message(chunk.index, data)
      let sent: [UInt8] = try ChunkSerializer().serialize(chunk)
      #expect(try sent == expected.serializedBytes())
      let part: [UInt8] = try UploadPartSerializer().serialize(.chunk(chunk))
      #expect(try part == Consilium_V1_UploadPart.with { $0.chunk = expected }.serializedBytes())
    }
    let start = Consilium_V1_UploadStart.with { ($0.study, $0.digest) = ("s", Data([1, 2])) }
    let part: [UInt8] = try UploadPartSerializer().serialize(.start(start))
    guard case .start(start) = try UploadPartDeserializer().deserialize(part) else {
      throw LawBrokenHere("no start")
    }
  }

  @Test func decodingRestoresTheChunk() async throws {
    try await withChunks { chunk, data in
      let sent: [UInt8] = try ChunkSerializer().serialize(chunk)
      let part: [UInt8] = try UploadPartSerializer().serialize(.chunk(chunk))
      for read in [
        try ChunkDeserializer().deserialize(sent), try self.chunk(UploadPartDeserializer().deserialize(part)),
      ] {
        #expect(read.index == chunk.index)
        #expect(bytes(read) == data)
      }
    }
  }

  /// All encodings that Protocol Buffers allows.
  @Test(arguments: [
    "120301020308", "08051203010203", "12030102030805", "08051203010203f80101", "0885001203010203",
    "080112030102030805", "0805128300010203", "0805", "", "ffff", "0805120401", "08", "0885", "12",
    "088585858585851203010203", "08ffffffff1f1203010203", "1203010203080512020102", "0a03010203",
  ])
  func otherFieldOrdersDecodeLikeTheGeneratedCode(hexadecimal: String) throws {
    let sent = stride(from: 0, to: hexadecimal.count, by: 2).compactMap { offset in
      UInt8(hexadecimal.dropFirst(offset).prefix(2), radix: 16)
    }
    let expected = try? Consilium_V1_Chunk(serializedBytes: sent)
    let read = try? ChunkDeserializer().deserialize(sent)
    #expect(read?.index == expected.map { Int($0.index) })
    #expect(read.map(bytes) == expected?.data)

    let part = [0x12, UInt8(sent.count)] + sent
    let expectedPart = try? Consilium_V1_UploadPart(serializedBytes: part)
    let readPart = (try? UploadPartDeserializer().deserialize(part)).flatMap { try? chunk($0) }
    #expect(readPart?.index == expectedPart.map { Int($0.chunk.index) })
    #expect(readPart.map(bytes) == expectedPart?.chunk.data)
  }

  @Test(arguments: [[UInt8](), [0x1a, 0], [0x12], [0x0a, 5, 1]])
  func partWithoutContentIsRefused(sent: [UInt8]) {
    #expect(throws: (any Error).self) { _ = try UploadPartDeserializer().deserialize(sent) }
  }

  /// The file is truncated while it is being sent.
  @Test func truncatedFileIsNotSent() async throws {
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder)
      let blob = try store.addNoise(1000)
      let chunk = OutgoingChunk(file: try store.open(blob), index: 0)
      truncate(store.url(of: blob).path, 999)
      let error = #expect(throws: ConsiliumError.self) {
        let _: [UInt8] = try ChunkSerializer().serialize(chunk)
      }
      #expect(error?.code == .storage)
    }
  }
}
