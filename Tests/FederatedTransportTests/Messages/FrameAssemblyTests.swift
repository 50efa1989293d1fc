import FederatedCore
import Foundation
import Testing

@testable import FederatedTransport

struct FrameAssemblyTests {
  private var frame: StageMessage {
    var message = StageMessage(
      StageMessage.Kind("activations"),
      tensors: [
        "large": .bf16(VectorBuffer([UInt16](0..<60_000) + [UInt16](0..<60_000))),
        "larger": .u64(VectorBuffer([UInt64](repeating: 1 << 60, count: 300_000))), "none": .f32([]),
        "small": .f32([1, 2]),
      ])
    message[FactKey<Int>("step")] = 7
    return message
  }

  private func assemble(_ parts: [Consilium_V1_FramePart]) throws -> [(number: Int, message: StageMessage)] {
    var assembly = FrameAssembly()
    return try parts.compactMap { try assembly.take($0) }
  }

  @Test func framesArriveUnchangedInPartsOfAtMostOneMebibyte() throws {
    let parts = try frame.frameParts(number: 3) + StageMessage(StageMessage.Kind("end")).frameParts(number: 4)
    #expect(parts.allSatisfy { $0.chunk.count <= 1 << 20 })
    #expect(parts.count == 6)
    let frames = try assemble(parts)
    #expect(frames.map(\.number) == [3, 4])
    #expect(frames.first?.message == frame)
  }

  @Test func impossiblePartsAreRefused() throws {
    let parts = try frame.frameParts(number: 0)
    var huge = parts
    huge[0].head.message.tensors[0].count = 1 << 39
    var long = parts
    long[1].chunk += Data([0])
    var file = parts
    file[0].head.message.tensors[0].vector = .with { $0.size = 9 }
    for (parts, expected) in [
      ([parts[1]], "a chunk outside of a frame"), (parts + [parts[1]], "a chunk outside of a frame"),
      ([parts[0], parts[0]], "begins before the end"),
      (huge, "expected at most \(NetworkTuning.largestFrame)"),
      (long, "a chunk of 240001 bytes in a tensor of 240000"),
      ([parts[0], .with { $0.chunk = Data() }], "a chunk of 0 bytes"),
      ([.with { $0.start = .init() }], "an unexpected part"), ([.init()], "an unexpected part"),
      (file, ""),
    ] as [([Consilium_V1_FramePart], String)] {
      let error = #expect(throws: ConsiliumError.self) { try assemble(parts) }
      #expect(expected.isEmpty || error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
  }

  @Test func framesWithoutRoomOrWithParametersAreNotSent() {
    let tooLarge = StageMessage(
      StageMessage.Kind("activations"),
      tensors: ["values": .u64(VectorBuffer(zeros: NetworkTuning.largestFrame / 8 + 1))])
    #expect(throws: ConsiliumError.self) { try tooLarge.frameParts(number: 0) }
  }
}
