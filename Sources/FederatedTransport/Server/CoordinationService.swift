import FederatedCore
import Foundation
import GRPCCore
import ParameterFiles
import WorkerProtocol

/// The version of the rules that messages follow; raised when an older program would misunderstand them.
public let networkProtocolVersion = 4

/// Answers the sites' calls: checks who calls and what comes in, and hands it to the coordinator.
struct CoordinationService: Consilium_V1_Coordination.SimpleServiceProtocol {
  /// The longest that a call waits for news.
  static let longestWait = 50

  let gate: PeerAuthenticator
  let handler: any CoordinationHandler

  func join(request: Consilium_V1_JoinRequest, context: ServerContext) async throws -> Consilium_V1_JoinReply
  {
    let peer = try gate.admit(context, as: [.site])
    let site = SiteID(peer.party.name)
    guard request.protocolVersion == networkProtocolVersion else {
      throw ConsiliumError(
        .invalidInput,
        "site '\(site)' speaks version \(request.protocolVersion) of the protocol and this coordinator "
          + "\(networkProtocolVersion); install the same version of Consilium at both")
    }
    let hello = SiteHello(
      programVersion: request.programVersion,
      clock: Date(timeIntervalSince1970: try finite(request.clock, "the clock")), process: request.process,
      certificate: peer)
    let reply = try await handler.join(hello, from: site)
    return .with {
      ($0.programVersion, $0.consortium) = (reply.programVersion, reply.consortium)
      $0.clock = reply.clock.timeIntervalSince1970
    }
  }

  func followStudies(request: Consilium_V1_FollowStudiesRequest, context: ServerContext) async throws
    -> Consilium_V1_StudyList
  {
    let site = try gate.admitSite(context)
    let notices = try await waiting(request.waitSeconds) {
      try await handler.studies(of: site, known: request.knownRevision, process: request.process)
    }
    return .with {
      $0.revision = notices?.revision ?? request.knownRevision
      $0.studies = notices?.studies.map(\.message) ?? []
      $0.joinAgain = notices?.joinsAgain ?? false
    }
  }

  func decide(request: Consilium_V1_DecideRequest, context: ServerContext) async throws
    -> Consilium_V1_DecideReply
  {
    let site = try gate.admitSite(context)
    try await handler.decide(request.decision, study: request.study, from: site)
    return .init()
  }

  func reportReadiness(request: Consilium_V1_ReadinessReport, context: ServerContext) async throws
    -> Consilium_V1_ReadinessReply
  {
    let site = try gate.admitSite(context)
    try await handler.report(readiness: request.readiness, study: request.study, from: site)
    return .init()
  }

  func probeLink(request: Consilium_V1_LinkProbe, context: ServerContext) async throws
    -> Consilium_V1_LinkProbeReply
  {
    _ = try gate.admitSite(context)
    guard request.payload.count <= LinkProbe.mostBytes, request.replyBytes <= LinkProbe.mostBytes else {
      throw messageFault("a probe of more than \(LinkProbe.mostBytes) bytes")
    }
    return .with { $0.payload = LinkProbe.noise.prefix(Int(request.replyBytes)) }
  }

  func nextAssignment(request: Consilium_V1_NextAssignmentRequest, context: ServerContext) async throws
    -> Consilium_V1_NextAssignmentReply
  {
    let site = try gate.admitSite(context)
    let room = try await handler.memberRoom(of: request.study, for: site, process: request.process)
    let assignment = try await waiting(request.waitSeconds) {
      guard let desk = await room.desk(of: request.arm) else { return nil as Assignment? }
      return await desk.nextAssignment(for: site)
    }
    guard let assignment else {
      let ended = await room.hasEnded(request.arm)
      return .with { if ended { $0.ended = true } else { $0.wait = true } }
    }
    let message = try await message(assignment, of: request.arm, in: room)
    return .with { $0.assignment = message }
  }

  private func message(_ assignment: Assignment, of arm: String, in room: StudyRoom) async throws
    -> Consilium_V1_Assignment
  {
    let model = try await room.lend(NamedParts(assignment.model), for: assignment.id, of: arm)
    var message = Consilium_V1_Assignment()
    (message.id, message.model) = (assignment.id.message, model.message)
    message.callBytes = UInt32(room.callBytes)
    switch assignment.work {
    case .evaluate(let part): message.evaluate = .with { $0.part = part.rawValue }
    case .train(let instruction, let beside):
      var train = instruction.message
      train.previousRound = UInt32(assignment.previousRound ?? 0)
      if !beside.parts.isEmpty {
        train.message = try await room.lend(beside, for: assignment.id, of: arm).message
      }
      message.train = train
    }
    return message
  }

  // MARK: Answers

  func submit(request: Consilium_V1_SubmitRequest, context: ServerContext) async throws
    -> Consilium_V1_SubmitReply
  {
    let site = try gate.admitSite(context)
    let room = try await handler.memberRoom(of: request.study, for: site)
    let id = Assignment.ID(request.id)
    guard let desk = await room.openDesk(of: request.arm), await desk.expects(id, from: site) else {
      return .with { $0.counted = false }
    }
    let answer = try await answer(request, id: id, from: site, in: room)
    let counted = try await desk.accept(answer, to: id, from: site)
    return .with { $0.counted = counted }
  }

  private func answer(
    _ request: Consilium_V1_SubmitRequest, id: Assignment.ID, from site: SiteID, in room: StudyRoom
  ) async throws -> NetworkAnswer {
    switch request.answer {
    case .update(let update): return try await self.update(update, request, id: id, from: site, in: room)
    case .evaluation(let evaluation): return .evaluation(try SiteEvaluation(evaluation))
    case .failure(let failure):
      // A site speaks only for itself: what it calls cancelled or a full disk must not end the study.
      let code = ConsiliumError.Code(failure.code) ?? .engine
      let isOfSite = code != .cancelled && code != .storage
      return .failure(ConsiliumError(isOfSite ? code : .engine, String(failure.message.prefix(2000))))
    case nil: throw messageFault("an answer without content")
    }
  }

  private func update(
    _ update: Consilium_V1_UpdateAnswer, _ request: Consilium_V1_SubmitRequest, id: Assignment.ID,
    from site: SiteID, in room: StudyRoom
  ) async throws -> NetworkAnswer {
    let blob = try BlobDescriptor(update.blob)
    let store = try await room.store(for: site, announcing: blob)
    // Another arm's update that was the same to the bit may have been cleared away, or the coordinator's disk restored.
    guard try store.firstMissing(of: blob) == blob.chunkCount else { throw updateIsMissing(of: site) }
    let summary = try TrainingSummary(update.summary)
    let contribution = NetworkContribution(
      site: site, arm: request.arm, id: id, updateDigest: blob.name, weight: update.weight,
      exampleCount: summary.exampleCount)
    try await room.check(update.contribution, contribution)
    do {
      let parts = try ParameterFile.read(from: store.url(of: blob))
      return .update(parts, weight: update.weight, summary, digest: blob.name)
    } catch  where !FileManager.default.fileExists(atPath: store.url(of: blob).path) {
      throw updateIsMissing(of: site)
    } catch {
      // The file's own fault, not this machine's: its bytes are those that the site sent. Where it lies is no site's business.
      let fault = error.message.replacing("'\(store.url(of: blob).path)'", with: "its file")
      throw ConsiliumError(
        .invalidUpdate, "the update of site '\(site)' cannot be read: \(fault)", cause: error)
    }
  }

  func reportProgress(request: Consilium_V1_ProgressReport, context: ServerContext) async throws
    -> Consilium_V1_ProgressReply
  {
    let site = try gate.admitSite(context)
    let progress = TrainingProgress(
      step: try count(request.step, "steps"), stepCount: try count(request.steps, "steps"),
      loss: request.hasLoss ? try finite(request.loss, "the loss") : nil,
      examplesPerSecond: try finite(request.examplesPerSecond, "the speed"))
    await handler.report(
      progress, study: request.study, arm: request.arm, round: Int(request.round), from: site)
    return .init()
  }
}

private func updateIsMissing(of site: SiteID) -> RPCError {
  RPCError(code: .dataLoss, message: "the update of site '\(site)' is not here; send what is missing")
}

/// Runs `body` for at most so many seconds; nil where the time is up.
func waiting<R: Sendable>(_ seconds: UInt32, _ body: @escaping @Sendable () async throws -> R?) async throws
  -> R?
{
  try await withThrowingTaskGroup(of: R?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: .seconds(min(Int(seconds), CoordinationService.longestWait)))
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
