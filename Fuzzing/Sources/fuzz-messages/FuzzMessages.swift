import CFuzzer
import FederatedCore
import Foundation
import SwiftProtobuf

@testable import FederatedTransport

/// Decodes every message that a peer may send; the first byte chooses the kind.
@main
enum FuzzMessages {
  static func main() {
    exit(
      fuzz(CommandLine.argc, CommandLine.unsafeArgv) { bytes, count in
        guard let bytes, count > 0 else { return 0 }
        let kind = FuzzMessages.decoders[Int(bytes[0]) % FuzzMessages.decoders.count]
        // A rejected input is fine; only a crash is not.
        try? kind(Data(bytes: bytes + 1, count: count - 1))
        return 0
      })
  }

  private static let decoders: [@Sendable (Data) throws -> Void] = [
    { _ = try Consilium_V1_JoinRequest(serializedBytes: $0) },
    { _ = try Consilium_V1_FollowStudiesRequest(serializedBytes: $0) },
    { _ = try Consilium_V1_DecideRequest(serializedBytes: $0) },
    { _ = try Consilium_V1_ReadinessReport(serializedBytes: $0) },
    { _ = try Consilium_V1_NextAskRequest(serializedBytes: $0) },
    { _ = try Consilium_V1_DownloadRequest(serializedBytes: $0) },
    { try blob(Consilium_V1_BeginUploadRequest(serializedBytes: $0).blob) },
    { try uploadPart([UInt8]($0)) },
    { try submission(Consilium_V1_Answer(serializedBytes: $0)) },
    { try progress(Consilium_V1_ProgressReport(serializedBytes: $0)) },
    { _ = try Consilium_V1_ProposeRequest(serializedBytes: $0) },
    { _ = StudyAction(try Consilium_V1_ControlRequest(serializedBytes: $0).action) },
    { _ = try Consilium_V1_StatusRequest(serializedBytes: $0) },
    { _ = try Consilium_V1_WatchRequest(serializedBytes: $0) },
    { _ = try Consilium_V1_ResultsRequest(serializedBytes: $0) },
    // Messages from the coordinator to a site.
    { for notice in try Consilium_V1_StudyList(serializedBytes: $0).studies { try check(notice) } },
    { try ask(Consilium_V1_NextAskReply(serializedBytes: $0).ask) },
    { for file in try Consilium_V1_ResultsReply(serializedBytes: $0).files { try blob(file.blob) } },
    { _ = try Consilium_V1_LinkProbe(serializedBytes: $0) },
    // The frames of a conversation, in either direction.
    { try conversation($0) },
  ]

  private static func blob(_ message: Consilium_V1_Blob) throws {
    let blob = try BlobDescriptor(message)
    for chunk in 0..<blob.chunkCount {
      precondition(!blob.range(of: chunk).isEmpty && blob.range(of: chunk).upperBound <= blob.size)
      precondition(blob.digest(of: chunk).count == 32)
    }
    holds { try BlobDescriptor(blob.message) == blob }
  }

  /// Checks the hand-written parser, which reads only messages in the form in which this program writes them.
  private static func uploadPart(_ bytes: [UInt8]) throws {
    let expected = try? Consilium_V1_UploadPart(serializedBytes: bytes)
    switch try UploadPartDeserializer().deserialize(bytes) {
    case .start(let start): precondition(start == expected?.start)
    case .chunk(let chunk):
      precondition(chunk.index == expected.map { Int($0.chunk.index) })
      chunk.withUnsafeBytes { precondition(Data($0) == expected?.chunk.data) }
    }
  }

  private static func submission(_ message: Consilium_V1_Answer) throws {
    let id = Assignment.ID(message.id)
    precondition(Assignment.ID(id.message) == id)
    switch message.content {
    case .message(let message): try content(message)
    case .failure(let failure): _ = ConsiliumError.Code(failure.code)
    case nil: break
    }
  }

  /// Reads a message as every kind that this program knows.
  private static func content(_ message: Consilium_V1_StageMessage) throws {
    let wire = try WireMessage(message)
    for blob in wire.blobs.values { holds { try BlobDescriptor(blob.message) == blob } }
    if let evaluation = try? SiteEvaluation(wire.withoutTensors) {
      holds { try SiteEvaluation(evaluation.message) == evaluation }
    }
    _ = try? SiteUpdate<ModelParameters>(wire.withoutTensors, site: SiteID("a"), round: 1)
  }

  private static let split = SplitFrames.schema(mostSteps: 2)

  /// Assembles frames from parts, each with its length in two bytes before it, and checks them as both ends of
  /// split learning do.
  private static func conversation(_ bytes: Data) throws {
    var assembly = FrameAssembly()
    var rest = bytes[...]
    while rest.count >= 2 {
      let length = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
      let part = try Consilium_V1_FramePart(serializedBytes: rest.dropFirst(2).prefix(length))
      rest = rest.dropFirst(2 + length)
      guard let (number, frame) = try assembly.take(part) else { continue }
      try? split.check(frame: frame, number: number)
      try? split.check(reply: frame)
      // A frame may have more tensors than this program sends in one.
      guard let parts = try? frame.frameParts(number: number) else { continue }
      holds { try encoded(try reassembled(parts).frameParts(number: number)) == encoded(parts) }
    }
  }

  private static func reassembled(_ parts: [Consilium_V1_FramePart]) throws -> StageMessage {
    var assembly = FrameAssembly()
    let frames = try parts.compactMap { try assembly.take($0)?.message }
    precondition(frames.count == 1)
    return frames[0]
  }

  /// The bytes of the parts, since a number in them may be NaN, which differs from itself.
  private static func encoded(_ parts: [Consilium_V1_FramePart]) throws -> [[UInt8]] {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    return try parts.map { try $0.serializedBytes(options: options) }
  }

  private static func progress(_ message: Consilium_V1_ProgressReport) throws {
    _ = try (count(message.step, "steps"), count(message.steps, "steps"), finite(message.loss, "the loss"))
  }

  private static func check(_ message: Consilium_V1_StudyNotice) throws {
    let notice = try StudyNotice(message)
    holds { try StudyNotice(notice.message) == notice }
  }

  private static func ask(_ message: Consilium_V1_Ask) throws {
    let id = Assignment.ID(message.id)
    precondition(Assignment.ID(id.message) == id)
    try content(message.message)
  }
}

/// Stops the program if a decoded value is not the same after writing and reading it again.
private func holds(_ body: () throws -> Bool) { precondition((try? body()) == true) }
