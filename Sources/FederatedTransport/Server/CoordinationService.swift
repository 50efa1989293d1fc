import FederatedCore
import Foundation
import GRPCCore
import ParameterFiles

/// The supported versions of the protocol.
///
/// A version is added if an older program would misunderstand the messages. A version is dropped once no
/// supported release depends on it.
public enum NetworkProtocol {
  public static let versions: ClosedRange<UInt32> = 5...5

  /// The newest version that both sides support; `nil` if there is none.
  static func common(newest: UInt32, oldest: UInt32) -> UInt32? {
    // A program that supports only one version does not state its oldest version: 0 then stands for the
    // newest.
    let (oldest, newest) = (oldest == 0 ? newest : oldest, min(newest, versions.upperBound))
    return newest >= max(oldest, versions.lowerBound) ? newest : nil
  }

  /// The message for a site that has no version in common with the coordinator. It names the side that needs
  /// a newer program.
  static func refusal(of site: SiteID, newest: UInt32, oldest: UInt32) -> String {
    let behind = newest < versions.lowerBound ? "site" : "coordinator"
    return
      "site '\(site)' speaks \(text(newest: newest, oldest: oldest)) of the protocol and this coordinator "
      + "\(text(newest: versions.upperBound, oldest: versions.lowerBound)); install the same version of Consilium "
      + "at both: the \(behind)'s is older"
  }

  /// A range of versions as text for messages.
  static func text(newest: UInt32, oldest: UInt32) -> String {
    oldest == 0 || oldest == newest ? "version \(newest)" : "versions \(oldest) to \(newest)"
  }
}

/// Serves the sites' calls: checks the caller and the message, and passes the content to the coordinator.
struct CoordinationService: Consilium_V1_Coordination.SimpleServiceProtocol {
  /// The maximum time for which a call waits for news, in seconds.
  static let longestWait = 50

  let gate: PeerAuthenticator
  let handler: any CoordinationHandler

  func join(request: Consilium_V1_JoinRequest, context: ServerContext) async throws -> Consilium_V1_JoinReply
  {
    let peer = try gate.admit(context, as: [.site])
    let site = SiteID(peer.party.name)
    let (newest, oldest) = (request.protocolVersion, request.oldestProtocolVersion)
    guard let version = NetworkProtocol.common(newest: newest, oldest: oldest) else {
      let reason = NetworkProtocol.refusal(of: site, newest: newest, oldest: oldest)
      await handler.refused(site, because: reason)
      throw ConsiliumError(.invalidInput, reason)
    }
    let hello = SiteHello(
      programVersion: request.programVersion,
      clock: Date(timeIntervalSince1970: try finite(request.clock, "the clock")), process: request.process,
      certificate: peer)
    let reply = try await handler.join(hello, from: site)
    return .with {
      $0.programVersion = reply.programVersion
      $0.consortium = reply.consortium
      $0.protocolVersion = version
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

  func nextAsk(request: Consilium_V1_NextAskRequest, context: ServerContext) async throws
    -> Consilium_V1_NextAskReply
  {
    let site = try gate.admitSite(context)
    let endpoint = try await handler.memberEndpoint(of: request.study, for: site, process: request.process)
    let assignment = try await waiting(request.waitSeconds) {
      guard let mailbox = await endpoint.mailbox(of: request.arm) else { return nil as Assignment? }
      return await mailbox.nextAssignment(for: site)
    }
    guard let assignment else {
      let ended = await endpoint.hasEnded(request.arm)
      return .with { if ended { $0.ended = true } else { $0.wait = true } }
    }
    let message = try await assignment.message.wire {
      try await endpoint.lend($0, for: assignment.id, of: request.arm)
    }
    let proof = try await endpoint.proof(
      for: assignment.id, of: request.arm, known: (Int(request.knownRound), request.knownManifest))
    let model = try await endpoint.base(of: assignment, in: request.arm)
    let steps =
      try model.map { try endpoint.ring.contributions(to: $0, assignment.id, of: request.arm) } ?? []
    let contributions = steps.isEmpty ? Data() : try WireJSON.encode(steps)
    return .with {
      $0.ask = .with {
        $0.contributions = contributions
        switch proof {
        case .inline(let manifests)?: $0.manifests = manifests
        case .file(let blob)?: $0.manifestsFile = blob.message
        case nil: break
        }
        $0.id = assignment.id.message
        $0.message = message
        $0.previousRound = UInt32(assignment.previousRound ?? 0)
        $0.callBytes = UInt32(endpoint.callBytes)
      }
    }
  }

  // MARK: Answers

  func submit(request: Consilium_V1_Answer, context: ServerContext) async throws
    -> Consilium_V1_SubmitReply
  {
    let site = try gate.admitSite(context)
    let endpoint = try await handler.memberEndpoint(of: request.study, for: site)
    let id = Assignment.ID(request.id)
    guard let mailbox = await endpoint.openMailbox(of: request.arm),
      let assignment = await mailbox.assignment(of: site), assignment.id == id
    else { return .with { $0.counted = false } }
    let answer: SubmittedAnswer
    do {
      answer = try await self.answer(request, to: assignment, from: site, in: endpoint)
    } catch let error as ConsiliumError where error.code == .invalidUpdate {
      await mailbox.refuse(error, to: id, from: site)
      throw error
    }
    let counted = try await mailbox.submit(answer.received, to: id, from: site) {
      if let contribution = answer.contribution { try endpoint.keep(request.statement, contribution) }
    }
    return .with { $0.counted = counted }
  }

  /// An answer, with the contribution that its site has signed for.
  private struct SubmittedAnswer {
    var received: ReceivedAnswer
    var contribution: NetworkContribution?
  }

  private func answer(
    _ request: Consilium_V1_Answer, to assignment: Assignment, from site: SiteID, in endpoint: StudyEndpoint
  ) async throws -> SubmittedAnswer {
    switch request.content {
    case .message(let message):
      return try await received(try WireMessage(message), request, to: assignment, from: site, in: endpoint)
    case .failure(let failure):
      // Treat a cancellation or a full disk at a site as a failure of that site only: it must not end the
      // study.
      let code = ConsiliumError.Code(failure.code) ?? .engine
      let isOfSite = code != .cancelled && code != .storage
      return SubmittedAnswer(
        received: .failure(ConsiliumError(isOfSite ? code : .engine, String(failure.message.prefix(2000)))))
    case nil: throw messageFault("an answer without content")
    }
  }

  private func received(
    _ message: WireMessage, _ request: Consilium_V1_Answer, to assignment: Assignment, from site: SiteID,
    in endpoint: StudyEndpoint
  ) async throws -> SubmittedAnswer {
    var store = try await endpoint.store(for: site, announcing: nil)
    for blob in message.blobs.values {
      store = try await endpoint.store(for: site, announcing: blob)
      // The file may have been removed with another arm's identical answer, or lost when the coordinator's
      // disk was restored.
      guard try store.firstMissing(of: blob) == blob.chunkCount else { throw answerIsMissing(of: site) }
    }
    var contribution: NetworkContribution?
    if message.hasParameters {
      let signed = try NetworkContribution(
        of: message.withoutTensors, files: message.files, site: site, arm: request.arm, id: assignment.id,
        base: try await endpoint.base(of: assignment, in: request.arm),
        strategyMessage: try await endpoint.file(of: "message", in: assignment, of: request.arm))
      try await endpoint.check(request.statement, signed)
      contribution = signed
    }
    let content = try read(message, from: store, of: site)
    if let contribution {
      try endpoint.ring.check(request.statement, about: content, to: assignment, contribution)
    }
    return SubmittedAnswer(
      received: .message(ReceivedMessage(content, files: message.files)), contribution: contribution)
  }

  /// The message with the tensors in its files.
  private func read(_ message: WireMessage, from store: BlobStore, of site: SiteID) throws -> StageMessage {
    do {
      return try message.read(from: store, layout: nil)
    } catch {
      let paths = message.blobs.values.map { store.url(of: $0).path }
      guard paths.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) else {
        throw answerIsMissing(of: site)
      }
      // The site sent exactly these bytes, so the file itself is bad. Hide its local path from the site.
      let fault = paths.reduce(error.message) { $0.replacing("'\($1)'", with: "its file") }
      throw ConsiliumError(
        .invalidUpdate, "the update of site '\(site)' cannot be read: \(fault)", cause: error)
    }
  }

  // MARK: Conversations

  func converse(
    request: RPCAsyncSequence<Consilium_V1_FramePart, any Error>,
    response: RPCWriter<Consilium_V1_FramePart>, context: ServerContext
  ) async throws {
    let site = try gate.admitSite(context)
    var parts = request.makeAsyncIterator()
    guard case .start(let start)? = try await parts.next()?.part else {
      throw messageFault("a conversation that does not begin with its question")
    }
    let endpoint = try await handler.memberEndpoint(of: start.study, for: site, process: start.process)
    guard let mailbox = await endpoint.openMailbox(of: start.arm) else {
      throw ConsiliumError(.unavailable, "the arm '\(start.arm.prefix(80))' is not open")
    }
    let conversation = try await mailbox.openConversation(about: Assignment.ID(start.id), with: site)
    var assembly = FrameAssembly()
    while let part = try await parts.next() {
      // End a conversation that was replaced, so that its partial frame does not use memory any longer.
      try await mailbox.checkIsCurrent(conversation)
      guard let frame = try assembly.take(part) else { continue }
      let reply: StageMessage
      do {
        reply = try await mailbox.reply(to: frame.message, number: frame.number, in: conversation)
      } catch let broken as BrokenConversation {
        // The site begins the conversation again. The host's own reason is none of its business.
        throw RPCError(
          code: .unavailable, message: "the host must begin the conversation again", cause: broken)
      }
      for part in try reply.frameParts(number: frame.number) { try await response.write(part) }
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

private func answerIsMissing(of site: SiteID) -> RPCError {
  RPCError(code: .dataLoss, message: "the update of site '\(site)' is incomplete; send the missing chunks")
}

/// Runs `body` for at most `seconds` seconds; returns `nil` if the time is up.
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
