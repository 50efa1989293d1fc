import FederatedCore
import Foundation
import ParameterFiles
import StudyProtocol
import Torch
import WorkerProtocol

/// One turn of a site at the host of the middle of a model, in a worker: the session, and the files of its
/// frames.
final class HostedMiddle {
  private let session: MiddleSession
  private let outgoing: FrameFile
  private let incoming: FrameFile
  /// The error of the work after the last reply, which the next reply reports; `nil` if it succeeded.
  private var failure: (any Error)?

  init(_ request: OpenMiddle, device: Device) throws {
    outgoing = try FrameFile(request.outgoing)
    incoming = try FrameFile(request.incoming)
    var global = try ParameterFile.readModel(from: URL(fileURLWithPath: request.global))
    // Copy the model, because its file may be used for another one during the turn.
    global.buffer = global.buffer.withUnsafeValues { VectorBuffer($0) }
    session = MiddleSession(
      study: try Study(canonicalJSON: request.study), cut: request.cut, global: global,
      learningRate: request.learningRate, proximalStrength: request.proximalStrength, device: device)
  }

  func reply(to frame: FrameHeader) throws -> FrameHeader {
    if let failure { throw failure }
    return try outgoing.write(session.reply(to: incoming.read(frame)))
  }

  func workAfterReply() {
    do { try session.workAfterReply() } catch { failure = error }
  }
}
