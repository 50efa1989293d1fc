import FederatedCore
import Foundation
import GRPCCore
import StudyAgreement
import SwiftProtobuf
import TestSupport
import Testing

@testable import FederatedTransport

struct MessageTests {
  @Test func idsRoundTrip() {
    for stage in [nil, 0, 4] {
      let id = Assignment.ID(round: 2, stage: stage, question: 3)
      #expect(Assignment.ID(id.message) == id)
    }
  }

  private func crossed(_ message: StageMessage) async throws -> WireMessage {
    let blob = BlobDescriptor(size: 5, chunkSize: 2, chunkDigests: Data(count: 96))
    let bytes: [UInt8] = try await message.wire { _ in blob }.serializedBytes()
    return try WireMessage(Consilium_V1_StageMessage(serializedBytes: bytes))
  }

  @Test func factsAndSmallTensorsRoundTrip() async throws {
    var message = StageMessage(
      StageMessage.Kind("statistics"),
      tensors: [
        "a": .f32([1, -0.0, .greatestFiniteMagnitude]), "b": .bf16([0x3f80]), "c": .u32([.max, 0]),
        "d": .u64([.max, 1]), "e": .u64([]),
      ])
    message.facts = [
      "i": .integer(.min), "r": .real(0.1), "t": .text("ä\n"), "is": .integers([1, -1, .max]),
      "rs": .reals([0.1, -1e300]), "ts": .texts(["", "b"]), "none": .reals([]),
    ]
    let wire = try await crossed(message)
    #expect(wire.files.isEmpty && !wire.hasParameters)
    try await withTemporaryFolder { folder in
      let read = try wire.read(from: try BlobStore(folder), layout: nil)
      #expect(read == message)
    }
  }

  @Test func impossibleMessagesAreRefused() {
    let good = Consilium_V1_StageMessage.with {
      $0.kind = "update"
      $0.facts = [.with { ($0.name, $0.real) = ("x", 1) }]
      $0.tensors = [.with { ($0.name, $0.type, $0.count, $0.inline) = ("t", .u32, 1, Data(count: 4)) }]
    }
    #expect(throws: Never.self) { try WireMessage(good) }
    let changes: [(inout Consilium_V1_StageMessage) -> Void] = [
      { $0.kind = "" }, { $0.kind = "Update" }, { $0.kind = "a/b" },
      { $0.kind = String(repeating: "k", count: 65) },
      { $0.facts[0].value = nil }, { $0.facts[0].real = .nan }, { $0.facts[0].name = "" },
      { $0.facts[0].reals = .with { $0.values = [0, .infinity] } }, { $0.facts.append($0.facts[0]) },
      { $0.facts = .init(repeating: $0.facts[0], count: 1001) },
      { $0.tensors[0].type = .unspecified }, { $0.tensors[0].type = .UNRECOGNIZED(9) },
      { $0.tensors[0].count = 2 }, { $0.tensors[0].count = .max }, { $0.tensors[0].type = .u64 },
      { $0.tensors[0].content = nil }, { $0.tensors.append($0.tensors[0]) },
      { $0.tensors[0].vector = .init() }, { $0.tensors[0].parameters = .init() },
    ]
    for change in changes {
      var message = good
      change(&message)
      let error = #expect(throws: ConsiliumError.self) { try WireMessage(message) }
      #expect(error?.code == .invalidUpdate)
    }
  }

  @Test(
    arguments: [
      (5, 0, 5), (5, 5, 5), (9, 4, 5), (4, 0, nil), (4, 3, nil), (9, 6, nil), (0, 0, nil),
    ] as [(UInt32, UInt32, UInt32?)])
  func newestCommonVersionIsChosen(newest: UInt32, oldest: UInt32, expected: UInt32?) {
    #expect(NetworkProtocol.common(newest: newest, oldest: oldest) == expected)
  }

  @Test func statesAndActionsRoundTrip() throws {
    for state in StudyState.allCases { #expect(try StudyState(state.message) == state) }
    for action in StudyAction.allCases { #expect(StudyAction(action.message) == action) }
    for state in [Consilium_V1_StudyState.unspecified, .UNRECOGNIZED(99)] {
      #expect(throws: ConsiliumError.self) { try StudyState(state) }
    }
    #expect(StudyAction(.UNRECOGNIZED(99)) == nil)
  }

  @Test func noticesRoundTrip() throws {
    let blob = BlobDescriptor(size: 5, chunkSize: 2, chunkDigests: Data(count: 96))
    let notice = StudyNotice(
      study: "s", proposal: Data([1]), state: .finished, arms: ["fedavg"], sites: [SiteID("a")],
      reason: "done", models: [.init(name: "fedavg", digest: "d", file: blob, manifest: blob)])
    #expect(try StudyNotice(notice.message) == notice)
    var broken = notice.message
    broken.models[0].blob.size = 9
    #expect(throws: ConsiliumError.self) { try StudyNotice(broken) }
  }

  // MARK: Errors

  @Test func errorsKeepCodeAndMessage() {
    for code in [
      ConsiliumError.Code.invalidInput, .invalidUpdate, .storage, .unavailable, .engine, .diverged, .memory,
      .partial,
    ] {
      let sent = RPCError(ConsiliumError(code, "what happened"))
      let received = ConsiliumError(sent, calling: "the coordinator")
      #expect(received.code == code)
      #expect(received.message == "what happened")
    }
    let long = RPCError(ConsiliumError(.engine, String(repeating: "ä", count: 10_000)))
    #expect(long.message.utf8.count < 3100)
  }

  /// A newer peer may have codes that this version does not know. Its message still arrives.
  @Test func unknownErrorCodeBecomesAnEngineError() {
    var sent = RPCError(code: .internalError, message: "what happened")
    sent.metadata = ["consilium-code": "inventedLater"]
    let received = ConsiliumError(sent, calling: "the coordinator")
    #expect(received.code == .engine)
    #expect(received.message == "what happened")
  }

  @Test func onlyTransientErrorsAreRetried() {
    let passing: [RPCError] = [
      .init(code: .unavailable, message: ""), .init(code: .deadlineExceeded, message: ""),
      .init(code: .unknown, message: ""), .init(code: .internalError, message: ""),
      .init(code: .aborted, message: ""), RPCError(ConsiliumError(.storage, "the disk is full")),
      RPCError(StudyAtRest()),
    ]
    let final: [RPCError] = [
      .init(code: .permissionDenied, message: ""), .init(code: .unauthenticated, message: ""),
      .init(code: .unimplemented, message: ""), .init(code: .notFound, message: ""),
      .init(code: .invalidArgument, message: ""),
      // The error for a message that is too long.
      .init(code: .resourceExhausted, message: ""),
      RPCError(ConsiliumError(.invalidInput, "")), RPCError(ConsiliumError(.invalidUpdate, "")),
      RPCError(ConsiliumError(.engine, "")), RPCError(ConsiliumError(.unavailable, "")),
    ]
    for error in passing { #expect(error.isPassing, "\(error)") }
    for error in final { #expect(!error.isPassing, "\(error)") }
  }
}
