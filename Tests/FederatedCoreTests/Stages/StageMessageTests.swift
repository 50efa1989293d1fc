import FederatedCore
import Foundation
import Testing

struct StageMessageTests {
  private let key = FactKey<Double>("rate")

  @Test func aFactOfAnotherTypeIsMissing() throws {
    var message = StageMessage(StageMessage.Kind("x"), facts: ["rate": .text("0.1")])
    #expect(message[key] == nil)
    #expect(throws: ConsiliumError.self) { try message.require(key) }
    message[key] = 1
    #expect(message.facts == ["rate": .real(1)])
    #expect(try message.require(key) == 1)
  }

  @Test func schemaRejectsUndeclaredContent() throws {
    let schema = MessageSchema(StageMessage.Kind("x"), tensors: ["t": .u32]).with(key)
    let good = StageMessage(StageMessage.Kind("x"), tensors: ["t": .u32([1])], facts: ["rate": .real(1)])
    try schema.check(good)
    try schema.check(StageMessage(StageMessage.Kind("x")))
    let changes: [(inout StageMessage) -> Void] = [
      { $0.kind = StageMessage.Kind("y") }, { $0.tensors["t"] = .u64([1]) }, { $0.tensors["u"] = .u32([1]) },
      { $0.facts["rate"] = .integer(1) }, { $0.facts["rate"] = .real(.nan) }, { $0.facts["age"] = .real(1) },
    ]
    for change in changes {
      var wrong = good
      change(&wrong)
      let error = #expect(throws: ConsiliumError.self) { try schema.check(wrong) }
      #expect(error?.code == .invalidUpdate)
    }
  }

  @Test func assignmentIdentityChangesWithEveryBit() {
    var message = StageMessage(StageMessage.Kind("x"), tensors: ["t": .u32([1])])
    message.facts = [
      "a": .real(0), "b": .texts(["a", "b"]), "c": .integers([1, 2]), "d": .text("x"), "e": .reals([1]),
    ]
    let first = Assignment(id: .init(round: 1, stage: 0), message: message, files: ["model": "f"])
    let changes: [(inout Assignment) -> Void] = [
      { $0.id.round = 2 }, { $0.id.stage = nil }, { $0.id.question = 1 },
      { $0.message.kind = StageMessage.Kind("y") }, { $0.files["model"] = "g" },
      { $0.message.tensors["t"] = .u32([2]) }, { $0.message.tensors["t"] = .u64([1]) },
      { $0.message.facts["a"] = .real(-0.0) }, { $0.message.facts["a"] = .integer(0) },
      { $0.message.facts["b"] = .texts(["a b"]) }, { $0.message.facts["b"] = .texts(["b", "a"]) },
      { $0.message.facts["c"] = .integers([12]) }, { $0.message.facts["d"] = .text("y") },
      { $0.message.facts["d"] = nil }, { $0.message.facts["e"] = .reals([Double(1).nextUp]) },
    ]
    var identities = [first.identity]
    for change in changes {
      var other = first
      change(&other)
      identities.append(other.identity)
    }
    #expect(Set(identities).count == identities.count)
  }

  /// The bytes are little-endian, as in safetensors files, and are written out by hand.
  @Test func tensorsAreLittleEndianBytes() {
    let cases: [(StageTensor, [UInt8])] = [
      (.f32([1]), [0, 0, 0x80, 0x3f]), (.bf16([0x3f80]), [0x80, 0x3f]), (.u32([258]), [2, 1, 0, 0]),
      (.u64([1 << 40]), [0, 0, 0, 0, 0, 1, 0, 0]),
    ]
    for (tensor, bytes) in cases {
      #expect(tensor.littleEndianBytes == bytes)
      #expect(StageTensor(tensor.elementType, count: 1, littleEndian: bytes) == tensor)
      #expect(StageTensor(tensor.elementType, count: 2, littleEndian: bytes) == nil)
      #expect(StageTensor(tensor.elementType, count: -1, littleEndian: bytes) == nil)
      #expect(StageTensor(tensor.elementType, count: .max, littleEndian: bytes) == nil)
    }
  }

  @Test func infinitiesAndNaNAreNotFinite() {
    for bits in [0x7f80, 0xff80, 0x7fc0] as [UInt16] { #expect(!StageTensor.bf16([0, bits]).isFinite) }
    #expect(StageTensor.bf16([0x7f7f, 0]).isFinite)
    #expect(!StageTensor.f32([.nan]).isFinite && StageTensor.u64([.max]).isFinite)
    #expect(!Fact.reals([1, .infinity]).isFinite && Fact.integer(.max).isFinite)
  }

  @Test func factsRoundTripAsJSON() throws {
    let facts: [Fact] = [
      .integer(-3), .real(0.1), .text("ä"), .integers([]), .reals([1e-300]), .texts(["", "b"]),
    ]
    let data = try JSONEncoder().encode(facts)
    #expect(try JSONDecoder().decode([Fact].self, from: data) == facts)
  }
}
