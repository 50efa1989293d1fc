import FederatedCore
import Foundation
import Testing
import WorkerProtocol

struct FrameFileTests {
  /// A file in a folder that is removed with the test.
  private final class Place {
    let path = FileManager.default.temporaryDirectory.appending(path: "frames-\(UUID().uuidString)").path

    deinit { unlink(path) }
  }

  private let place = Place()

  @Test func tensorsAndFactsCrossUnchanged() throws {
    let (writer, reader) = (try FrameFile(place.path), try FrameFile(place.path))
    var message = StageMessage(
      StageMessage.Kind("down"),
      tensors: [
        "values": .f32(VectorBuffer([1, -0.0, .pi, .infinity])), "half-values": .bf16(VectorBuffer([0x3f80])),
        "small": .u32(VectorBuffer([7, 8, 9])), "large": .u64(VectorBuffer([.max])),
        "none": .f32(VectorBuffer([Float]())),
      ])
    message.facts = ["shape": .integers([2, 2]), "clip-scale": .real(0.1)]
    #expect(try reader.read(writer.write(message)) == message)
    // A shorter message over a longer one.
    let short = StageMessage(StageMessage.Kind("up"), tensors: ["values": .f32(VectorBuffer([2]))])
    #expect(try reader.read(writer.write(short)) == short)
  }

  @Test func whatTheFileDoesNotHoldIsRefused() throws {
    let file = try FrameFile(place.path)
    var header = try file.write(
      StageMessage(StageMessage.Kind("up"), tensors: ["values": .f32(VectorBuffer([2]))]))
    header.tensors["values"]?.count = 2
    #expect(throws: ConsiliumError.self) { try file.read(header) }
    header.tensors["values"] = .init(type: "F32", count: -1, offset: 0)
    #expect(throws: ConsiliumError.self) { try file.read(header) }
    header.tensors["values"] = .init(type: "F8", count: 1, offset: 0)
    #expect(throws: ConsiliumError.self) { try file.read(header) }
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [1])])
    let model = StageMessage(
      StageMessage.Kind("up"), tensors: ["model": .parameters(NamedParts(ModelParameters.zeros(layout)))])
    #expect(throws: ConsiliumError.self) { try file.write(model) }
    #expect(throws: ConsiliumError.self) { try FrameFile("/proc/none/frames") }
  }
}
