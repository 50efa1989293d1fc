import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

struct VectorFileTests {
  private let tensors: [StageTensor] = [
    .f32([1, -2.5, .nan]), .bf16([0x3f80, 0]), .u32([0, 7, .max]), .u64([1 << 60]),
  ]

  @Test func vectorsAreMappedAndUnchanged() async throws {
    try await withTemporaryFolder { folder in
      for tensor in tensors {
        let url = folder.appending(path: tensor.elementType.rawValue)
        try VectorFile.write(tensor, to: url)
        let read = try VectorFile.read(tensor.elementType, count: tensor.count, from: url)
        #expect(read == tensor)
        #expect(read.isMapped)
      }
    }
  }

  /// numpy's `safetensors.numpy.load` reads the same bytes: the header, then the elements.
  @Test func fileHasTheLayoutOfSafetensors() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "vector")
      try VectorFile.write(.u32([258]), to: url)
      let bytes = [UInt8](try Data(contentsOf: url))
      let length = Int(bytes[0]) | Int(bytes[1]) << 8
      #expect((8 + length).isMultiple(of: 64))
      let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
      #expect(
        header.trimmingCharacters(in: .whitespaces)
          == #"{"values":{"dtype":"U32","shape":[1],"data_offsets":[0,4]}}"#)
      #expect(Array(bytes[(8 + length)...]) == [2, 1, 0, 0])
    }
  }

  @Test func fileWithOtherContentIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "vector")
      try VectorFile.write(.u32([1, 2]), to: url)
      for (type, count) in [(StageTensor.ElementType.u32, 3), (.u64, 1), (.f32, 2), (.u32, 1 << 61)] {
        let error = #expect(throws: ConsiliumError.self) {
          try VectorFile.read(type, count: count, from: url)
        }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("expected one tensor of \(count) elements") == true)
      }
      try (try Data(contentsOf: url)).dropLast().write(to: url)
      #expect(throws: ConsiliumError.self) { try VectorFile.read(.u32, count: 2, from: url) }
    }
  }
}

extension StageTensor {
  /// Whether the elements lie in a mapped file.
  fileprivate var isMapped: Bool {
    switch self {
    case .parameters(let parts): parts.parts.allSatisfy { $0.buffer.source != nil }
    case .f32(let values): values.source != nil
    case .bf16(let values): values.source != nil
    case .u32(let values): values.source != nil
    case .u64(let values): values.source != nil
    }
  }
}
