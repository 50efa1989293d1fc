import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Synchronization
import Testing

/// The reference trainer with an error in one round.
struct FaultyTrainer: LocalTrainer {
  enum Fault: Sendable {
    case error(ConsiliumError.Code)
    case notFinite
    case slow
    case validation
  }

  var base: ReferenceTrainer
  var fault: Fault?
  var round = 2

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    var result = try await base.train(from: global, following: instruction)
    guard instruction.round == round else { return result }
    switch fault {
    case .error(let code): throw ConsiliumError(code, "a fault of the trainer")
    case .notFinite: result.delta.scale(by: .infinity)
    case .slow: try await Task.sleep(for: .seconds(60))
    case .validation, nil: break
    }
    return result
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    if case .validation = fault { throw ConsiliumError(.engine, "a fault of the evaluation") }
    return try await base.evaluate(model, on: part)
  }
}

/// Records a site's assignments and answers.
struct WatchedTransport<Base: SiteTransport>: SiteTransport {
  let base: Base
  let taken: @Sendable (Assignment.ID) async -> Void
  let answered: @Sendable (Assignment.ID) async -> Void

  func nextAssignment(for site: SiteID) async throws -> Assignment? {
    let assignment = try await base.nextAssignment(for: site)
    if let assignment { await taken(assignment.id) }
    return assignment
  }

  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
    try await base.submit(answer, to: assignment, from: site)
    await answered(assignment.id)
  }
}

struct FailureTests {
  private func arm<S: Strategy>(
    _ strategy: S, _ fault: FaultyTrainer.Fault, required: [Int] = [0, 2], minimum: Int = 2,
    deadline: Duration? = nil, events: @escaping RunEventHandler = { _ in }
  ) throws -> Federation<S, FaultyTrainer> {
    let members = ReferenceTrainer.sites(3).enumerated().map { index, trainer in
      Federation<S, FaultyTrainer>.Member(
        site: SiteID("site-\(index)"),
        trainer: FaultyTrainer(base: trainer, fault: index == 1 ? fault : nil))
    }
    let settings = FederationSettings(
      arm: "arm", rounds: 3, learningRate: { _ in 0.05 }, seed: 11,
      required: Set(required.map { SiteID("site-\($0)") }), minimumSites: minimum, deadline: deadline)
    return try Federation(
      settings: settings, strategy: strategy, topology: Star(), members: members, events: events)
  }

  @Test(arguments: [FaultyTrainer.Fault.error(.engine), .error(.invalidInput), .notFinite])
  func anOptionalSiteIsDroppedWithItsReason(_ fault: FaultyTrainer.Fault) async throws {
    let dropped = Mutex<[SiteID]>([])
    let outcome = try await arm(FedAvg(), fault) { event in
      if case .siteDropped(_, 2, let site, _) = event { dropped.withLock { $0.append(site) } }
    }.run(from: referenceModel)
    #expect(outcome.records.map(\.contributions.count) == [3, 2, 3])
    #expect(outcome.records[1].dropped.map(\.site.rawValue) == ["site-1"])
    #expect(outcome.records[1].dropped[0].reason.isEmpty == false)
    #expect(dropped.withLock { $0.map(\.rawValue) } == ["site-1"])
  }

  @Test(arguments: [FaultyTrainer.Fault.error(.engine), .notFinite, .validation])
  func aRequiredSiteFailsTheRun(_ fault: FaultyTrainer.Fault) async throws {
    let error = try await #require(throws: ConsiliumError.self) {
      try await arm(FedAvg(), fault, required: [0, 1]).run(from: referenceModel)
    }
    #expect(error.code == .partial)
    #expect(error.message.contains("site 'site-1' is required"), "\(error.message)")
    #expect(error.message.contains("arm 'arm'"))
  }

  @Test func tooFewSitesFailTheRun() async throws {
    let error = try await #require(throws: ConsiliumError.self) {
      try await arm(FedAvg(), .error(.engine), minimum: 3).run(from: referenceModel)
    }
    #expect(error.code == .partial)
    #expect(error.message.contains("2 of at least 3 sites"), "\(error.message)")
  }

  @Test(arguments: [ConsiliumError.Code.storage, .cancelled])
  func cancellationAndStorageErrorsEndTheRun(_ code: ConsiliumError.Code) async throws {
    let error = try await #require(throws: ConsiliumError.self) {
      try await arm(FedAvg(), .error(code)).run(from: referenceModel)
    }
    #expect(error.code == code)
  }

  /// The late site is still busy in the following rounds, so those rounds drop it without waiting.
  @Test func aLateSiteIsDropped() async throws {
    let outcome = try await arm(FedAvg(), .slow, deadline: .seconds(5)).run(from: referenceModel)
    #expect(outcome.records.map(\.contributions.count) == [3, 2, 2])
    #expect(outcome.records.map(\.validation.count) == [3, 2, 2])
    #expect(outcome.records[1].dropped[0].reason.contains("within 5.0 seconds"))
  }

  /// An absent site delays the arm by one deadline, not by one per round.
  @Test func skipsAbsentSiteUntilItAsksForWork() async throws {
    let mailbox = CoordinatorMailbox()
    let (a, b) = (SiteID("a"), SiteID("b"))
    let trainers = ReferenceTrainer.sites(2)
    let settings = FederationSettings(
      arm: "arm", rounds: 4, learningRate: { _ in 0.05 }, seed: 11, required: [a], deadline: .seconds(600),
      validateEvery: 0)
    func session(_ site: SiteID, _ trainer: ReferenceTrainer) -> SiteSession {
      SiteSession(
        site: site, stages: StageRegistry([TrainingStage(FedAvg(), settings: settings)]), trainer: trainer,
        gate: ReleaseGate())
    }
    let coordinator = try Coordinator(
      settings: settings, strategy: FedAvg(), topology: Star(), trainers: [a, b], validators: [],
      mailbox: mailbox,
      journal: InMemoryJournal())
    let (first, second) = (session(a, trainers[0]), session(b, trainers[1]))
    let outcome = try await withThrowingTaskGroup(of: Void.self) { group in
      let back = Mutex<Task<Void, any Error>?>(nil)
      group.addTask {
        try await first.serve(
          over: WatchedTransport(
            base: InProcessTransport(mailbox),
            taken: { id in
              guard id.round == 3 else { return }
              back.withLock { $0 = Task { try await second.serve(over: InProcessTransport(mailbox)) } }
              while await mailbox.isAbsent(b) { await Task.yield() }
            },
            answered: { id in if id.round == 1 { await mailbox.postDeadline(id) } }))
      }
      let outcome = try await coordinator.run(from: referenceModel)
      await mailbox.close()
      try await group.waitForAll()
      try await back.withLock(\.self)?.value
      return outcome
    }
    #expect(outcome.records.map { $0.contributions.map(\.site) } == [[a], [a], [a], [a, b]])
    #expect(outcome.records.map { $0.dropped.map(\.site) } == [[b], [b], [b], []])
    #expect(outcome.records[0].dropped[0].reason.contains("it sent no update within"))
    #expect(outcome.records[1].dropped[0].reason.contains("has not asked for work since"))
  }

  /// SCAFFOLD's site state changes only with a released update, so a dropped round leaves it unchanged.
  @Test func droppedUpdateLeavesTheSiteStateUnchanged() async throws {
    let journal = InMemoryJournal()
    let members = ReferenceTrainer.sites(2).enumerated().map { index, trainer in
      Federation<Scaffold, FaultyTrainer>.Member(
        site: SiteID("site-\(index)"),
        trainer: FaultyTrainer(base: trainer, fault: index == 1 ? .notFinite : nil))
    }
    for rounds in 1...2 {
      let settings = FederationSettings(
        arm: "arm", rounds: rounds, learningRate: { _ in 0.05 }, seed: 11)
      let before = journal.lastCheckpoint(of: "arm")?.siteStates
      _ = try await Federation(
        settings: settings, strategy: Scaffold(), topology: Star(), members: members, journal: journal
      ).run(from: referenceModel)
      let after = try #require(journal.lastCheckpoint(of: "arm")?.siteStates)
      if let before {
        #expect(after[SiteID("site-1")] == before[SiteID("site-1")])
        #expect(after[SiteID("site-0")] != before[SiteID("site-0")])
      }
    }
  }
}
