import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Synchronization
import TestSupport
import Testing

/// Questions whose stage exchanges frames with a host.
struct StreamTests {
  private let sites = ["s1", "s2", "s4"].map { SiteID($0) }
  private let trainer = ReferenceTrainer.sites(1)[0]

  private func numbers(_ site: SiteID) -> [[UInt32]] {
    let own = UInt32(site.rawValue.dropFirst()) ?? 0
    return [[own, 1], [own, 2], [own, 3]]
  }

  private var stage: StreamedSumStage { StreamedSumStage { numbers($0) } }
  private var task: StageTask { StageTask(round: 1, plan: ExchangePlan(stages: [.init(members: sites)])) }

  private func session(_ site: SiteID, _ stage: StreamedSumStage, journal: (any SiteJournal)? = nil)
    -> SiteSession
  {
    SiteSession(
      site: site, stages: StageRegistry([stage]), trainer: trainer, gate: ReleaseGate(), journal: journal)
  }

  /// Runs the stage at the coordinator while `sites` works for the sites.
  private func run(
    _ stage: StreamedSumStage, sites: @escaping @Sendable (CoordinatorMailbox) async throws -> Void
  ) async throws -> [SiteID: StreamedSumStage.Halves] {
    let mailbox = CoordinatorMailbox()
    let host = StageHost(
      arm: "arm", mailbox: mailbox, deadline: nil, journal: InMemoryJournal(), notes: { _ in })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await sites(mailbox) }
      var mail = mailbox.mail.makeAsyncIterator()
      let result: Result<[SiteID: StreamedSumStage.Halves], any Error>
      do {
        result = .success(try await host.run(stage, task, from: 0, &mail))
      } catch {
        result = .failure(error)
      }
      await mailbox.close()
      try await group.waitForAll()
      return try result.get()
    }
  }

  private func serve(_ stage: StreamedSumStage, over mailbox: CoordinatorMailbox) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for site in sites {
        let session = session(site, stage)
        group.addTask { try await session.serve(over: InProcessTransport(mailbox)) }
      }
      try await group.waitForAll()
    }
  }

  @Test func streamedStageSatisfiesTheStageLaws() async throws {
    try await StageLaws(stage, task, from: 0, trainer: { _ in trainer }) { outcome in
      outcome.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined()
    }.check()
  }

  @Test func bothHalvesOfEveryAnswerCount() async throws {
    let halves = try await run(stage) { try await serve(stage, over: $0) }
    for (site, own) in zip(sites, [3, 6, 12] as [UInt32]) {
      #expect(halves[site] == .init(site: [own, 6], host: [own, 6]))
    }
  }

  /// A conversation that the host breaks begins again with a new host, so nothing is counted twice.
  @Test func aBrokenConversationBeginsAgain() async throws {
    let stage = StreamedSumStage(breaks: BrokenConversation.mostAttempts - 1) { numbers($0) }
    let halves = try await run(stage) { try await serve(stage, over: $0) }
    for (site, own) in zip(sites, [3, 6, 12] as [UInt32]) {
      #expect(halves[site] == .init(site: [own, 6], host: [own, 6]))
    }
  }

  @Test func aHostThatBreaksEveryConversationFails() async throws {
    let stage = StreamedSumStage(breaks: .max) { numbers($0) }
    let error = await #expect(throws: ConsiliumError.self) {
      try await run(stage) { try await serve(stage, over: $0) }
    }
    #expect(error?.message == "the engine was killed")
  }

  @Test func failureOfTheHostEndsTheRunAndBlamesNoSite() async throws {
    let broken = StreamedSumStage(hostFault: ConsiliumError(.engine, "the engine died")) { numbers($0) }
    let error = await #expect(throws: ConsiliumError.self) {
      try await run(broken) { try await serve(broken, over: $0) }
    }
    #expect(error?.message == "the engine died")
  }

  /// For example, the answer of a conversation whose host died with the coordinator.
  @Test func answerWithoutAConversationIsNotCounted() async throws {
    let mailbox = CoordinatorMailbox()
    let assignment = Assignment(id: .init(round: 1, stage: 0), message: StageMessage(stage.question.kind))
    let site = sites[0]
    let stage = stage
    await mailbox.assign(assignment, to: site, stream: stage.stream) { StreamedSum() }
    let total = StageMessage(stage.answer.kind, tensors: ["values": .u32([3, 6])])
    let answer = ReceivedAnswer.message(ReceivedMessage(total, files: [:]))
    #expect(try await mailbox.submit(answer, to: assignment.id, from: site) == false)
    #expect(await mailbox.assignment(of: site)?.id == assignment.id)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let session = session(site, stage)
      group.addTask { try await session.serve(over: InProcessTransport(mailbox)) }
      var mail = mailbox.mail.makeAsyncIterator()
      guard case .answer(.message(let received), assignment.id, site)? = await mail.next() else {
        throw ConsiliumError(.engine, "no answer")
      }
      #expect(received.hostHalf?.tensors["values"] == .u32([3, 6]))
      await mailbox.close()
      try await group.waitForAll()
    }
  }

  @Test func framesOutOfOrderOrUndeclaredAreRefused() async throws {
    let mailbox = CoordinatorMailbox()
    let id = Assignment.ID(round: 1, stage: 0)
    let site = sites[0]
    let assignment = Assignment(id: id, message: StageMessage(stage.question.kind))
    await mailbox.assign(assignment, to: site, stream: stage.stream) { StreamedSum() }
    let frame = StreamedSumStage.Numbers(StreamedSumStage.frame, [1]).message
    let reply = StreamedSumStage.Numbers(StreamedSumStage.reply, [1]).message
    let conversation = try await mailbox.openConversation(about: id, with: site)
    for (message, number, expected) in [
      (frame, 1, "frame 1 of site 's1' is out of order; expected frame 0"),
      (reply, 0, "expected one of the kinds 'summand'"),
    ] {
      let error = await #expect(throws: ConsiliumError.self) {
        try await mailbox.reply(to: message, number: number, in: conversation)
      }
      #expect(error?.code == .invalidUpdate)
      #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
    for number in 0..<4 { _ = try await mailbox.reply(to: frame, number: number, in: conversation) }
    let tooMany = await #expect(throws: ConsiliumError.self) {
      try await mailbox.reply(to: frame, number: 4, in: conversation)
    }
    #expect(tooMany?.message.contains("it is frame 5 of a question with at most 4") == true)
    _ = try await mailbox.openConversation(about: id, with: site)
    let replaced = await #expect(throws: ConsiliumError.self) {
      try await mailbox.reply(to: frame, number: 4, in: conversation)
    }
    #expect(replaced?.code == .unavailable)
  }

  /// A host that lets a conversation die and repeats it with another reply would gain a second question about
  /// the same patients.
  @Test func hostThatRepliesDifferentlyTheSecondTimeIsRefused() async throws {
    let journal = PinJournal()
    let assignment = Assignment(id: .init(round: 1, stage: 0), message: StageMessage(stage.question.kind))
    let schema = try #require(stage.stream)
    func converse(_ replies: [UInt32]) async throws {
      let channel = StageChannel(schema, of: assignment, gate: ReleaseGate(), journal: journal) { _, number in
        StreamedSumStage.Numbers(StreamedSumStage.reply, [replies[number]]).message
      }
      for _ in replies {
        _ = try await channel.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, [1]))
      }
    }
    try await converse([1, 2])
    try await converse([1, 2, 3])
    let error = await #expect(throws: ConsiliumError.self) { try await converse([1, 7]) }
    #expect(error?.message.contains("the host's reply to frame 1 of round 1 differs") == true)
  }

  @Test func framesLeaveASiteOnlyIfItsPolicyNamesTheirKind() async throws {
    let schema = try #require(stage.stream)
    let assignment = Assignment(id: .init(round: 1, stage: 0), message: StageMessage(stage.question.kind))
    for (kinds, isReleased) in [(nil, false), (["total"], false), (["total", "summand"], true)]
      as [([String]?, Bool)]
    {
      let sent = Mutex(0)
      let rules = ReleaseRules(
        minimumPatients: 1, metrics: nil, ownFigures: true, calibration: true, confusion: true, curves: true,
        replicates: true, intervals: true, images: false, kinds: kinds.map { Set($0.map { .init($0) }) })
      let channel = StageChannel(schema, of: assignment, gate: ReleaseGate(rules: rules), journal: nil) {
        _, _ in
        sent.withLock { $0 += 1 }
        return StreamedSumStage.Numbers(StreamedSumStage.reply, [1]).message
      }
      let error: (any Error)?
      do {
        _ = try await channel.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, [1]))
        error = nil
      } catch let caught {
        error = caught
      }
      #expect((error == nil) == isReleased)
      #expect(sent.withLock(\.self) == (isReleased ? 1 : 0))
    }
  }
}

/// Stores only replies.
private final class PinJournal: SiteJournal {
  private let pins = Mutex<[Int: [UInt8]]>([:])

  func claim(_ assignment: Assignment) {}
  func answer(to assignment: Assignment) -> StageMessage? { nil }
  func memory(before assignment: Assignment) -> NamedParts? { nil }
  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) -> StageMessage { answer }

  func pin(_ reply: StageMessage, to frame: Int, of assignment: Assignment) -> Bool {
    pins.withLock { pins in
      let pinned = pins[frame] ?? reply.exactBytes
      pins[frame] = pinned
      return pinned == reply.exactBytes
    }
  }
}
