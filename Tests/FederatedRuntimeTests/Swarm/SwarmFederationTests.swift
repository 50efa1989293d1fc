import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import ParameterFiles
import Synchronization
import Testing

struct SwarmFederationTests {
  private func endsAsTheStar<S: Strategy>(_ strategy: S, witnesses: Int = 1) async throws {
    let star = try await federation(strategy).run(from: referenceModel)
    let outcome = try await swarm(strategy, witnesses: witnesses).run(from: referenceModel)
    #expect(outcome.lastModel == star.lastModel, "\(strategy)")
    #expect(outcome.bestModel == star.bestModel)
    #expect(outcome.records.map(\.local) == star.records.map(\.local))
    var reference = ReferenceRun(strategy: strategy, trainers: ReferenceTrainer.sites(3))
    try await reference.advance(to: 4)
    #expect(outcome.lastModel == reference.model)
  }

  @Test func everyStrategyGivesTheModelOfTheStar() async throws {
    try await endsAsTheStar(FedAvg())
    try await endsAsTheStar(FedProx(mu: 0.1))
    try await endsAsTheStar(FedAdam())
    try await endsAsTheStar(Scaffold())
    try await endsAsTheStar(FedMedian())
  }

  @Test(arguments: [0, 1, 2, 5]) func theNumberOfWitnessesDoesNotChangeTheModel(_ witnesses: Int) async throws
  {
    try await endsAsTheStar(FedAdam(), witnesses: witnesses)
  }

  @Test func theRegisterHoldsTheCourseOfEachRound() async throws {
    let ports = SwarmPorts()
    let records = try await swarm(FedAdam(), ports: ports).run(from: referenceModel).records
    let order = MergerOrder(study: "study", arm: "arm", mergers: (0..<3).map { SiteID("site-\($0)") })
    for (record, round) in zip(records, 1...) {
      let keys = SwarmRoundKeys(study: "study", arm: "arm", round: round)
      func content<Content: SwarmContent>(_ key: SwarmKey) throws -> Content {
        try Content(try #require(ports.register.entry(at: key)))
      }
      let mergers = order.order(ofRound: round)
      let set: SwarmSet = try content(keys.set)
      #expect(set.merger == mergers[0])
      #expect(set.members.map(\.site) == record.contributions.map(\.site))
      #expect(set.members.map(\.update) == record.contributions.map(\.updateDigest))
      let model: SwarmModel = try content(keys.model)
      #expect(model.merger == mergers[0])
      #expect(model.model == record.modelDigest)
      let witness: SwarmWitness = try content(keys.witness(of: mergers[1]))
      #expect(witness.confirms(model))
      #expect(ports.register.entry(at: keys.witness(of: mergers[2])) == nil)
      #expect(try content(keys.record) == SwarmEnding(record))
    }
    // What is left is the last model and the last state.
    #expect(ports.relay.count == 2)
  }

  @Test func onlyMembersThatMayMergeDo() async throws {
    let ports = SwarmPorts()
    _ = try await swarm(FedAvg(), mergers: ["site-2"], ports: ports).run(from: referenceModel)
    for round in 1...4 {
      let keys = SwarmRoundKeys(study: "study", arm: "arm", round: round)
      #expect(try SwarmModel(try #require(ports.register.entry(at: keys.model))).merger == SiteID("site-2"))
    }
  }

  @Test func anArmWithoutImprovementStopsEarly() async throws {
    func adjust(_ settings: inout FederationSettings) {
      settings.learningRate = { $0 <= 3 ? 0.1 : 1e-12 }
      settings.selection = ModelSelection(
        metric: "loss", higherIsBetter: false, patience: 2, minimumImprovement: 1e-6)
    }
    let star = try await federation(FedAvg(), rounds: 50, adjust: adjust).run(from: referenceModel)
    let outcome = try await swarm(FedAvg(), rounds: 50, adjust: adjust).run(from: referenceModel)
    #expect(outcome.stoppedEarly)
    #expect(outcome.records.map(\.local) == star.records.map(\.local))
  }

  @Test func anOptionalSiteThatFailsIsDroppedAsInTheStar() async throws {
    func adjust(_ settings: inout FederationSettings) { settings.required = [SiteID("site-0")] }
    let outcome = try await swarm(FedAvg(), adjust: adjust, trainer: failing)
      .run(from: referenceModel)
    for record in outcome.records {
      #expect(record.contributions.map(\.site.rawValue) == ["site-0", "site-2"])
      #expect(record.dropped == [DroppedSite(site: SiteID("site-1"), reason: "the disk is on fire")])
      #expect(record.validation.map(\.site.rawValue) == ["site-0", "site-2"])
    }
  }

  @Test func aRequiredSiteThatFailsEndsTheArmWithTheReason() async throws {
    let error = await #expect(throws: ConsiliumError.self) {
      try await swarm(FedAvg(), trainer: failing).run(from: referenceModel)
    }
    #expect(error?.code == .partial)
    #expect(
      error?.message
        == "round 1 of arm 'arm' failed: site 'site-1' is required but sent no update: the disk is on fire")
  }

  @Test func aMergerThatAltersOneWeightIsNamedInThatRound() async throws {
    let order = MergerOrder(study: "study", arm: "arm", mergers: (0..<3).map { SiteID("site-\($0)") })
    let (liar, deputy) = (order.order(ofRound: 3)[0], order.order(ofRound: 3)[1])
    var ports = SwarmPorts()
    ports.registerOf = { site, register, relay in
      if site == liar { LyingRegister(base: register, relay: relay, round: 3) } else { register }
    }
    let journal = InMemoryJournal()
    let arm = try swarm(FedAdam(), journal: journal, ports: ports)
    let error = await #expect(throws: ConsiliumError.self) { try await arm.run(from: referenceModel) }
    #expect(error?.code == .partial)
    #expect(error?.message.contains("round 3 of arm 'arm' was merged wrongly") == true)
    #expect(error?.message.contains("deputy '\(deputy)'") == true)
    #expect(error?.message.contains("merger '\(liar)'") == true)
    #expect(journal.records(of: "arm").map(\.round) == [1, 2])
  }

  @Test func withoutWitnessesALieIsNotFound() async throws {
    let order = MergerOrder(study: "study", arm: "arm", mergers: (0..<3).map { SiteID("site-\($0)") })
    let liar = order.order(ofRound: 3)[0]
    var ports = SwarmPorts()
    ports.registerOf = { site, register, relay in
      if site == liar { LyingRegister(base: register, relay: relay, round: 3) } else { register }
    }
    let star = try await federation(FedAvg()).run(from: referenceModel).records.map(\.modelDigest)
    let digests = try await swarm(FedAvg(), witnesses: 0, ports: ports).run(from: referenceModel).records
      .map(\.modelDigest)
    #expect(digests.count == 4)
    #expect(digests.prefix(2) == star.prefix(2))
    #expect(digests[2] != star[2])
  }

  @Test func contradictionsAreRefused() throws {
    func refuses(_ fault: String, _ make: () throws -> SwarmFederation<FedAvg, AnyTrainer>) {
      let error = #expect(throws: ConsiliumError.self) { _ = try make() }
      #expect(error?.code == .invalidInput)
      #expect(error?.message.contains(fault) == true, "\(error?.message ?? "")")
    }
    refuses("from site to site") { try swarm(FedAvg(), over: Ring()) }
    refuses("the merger 'x' is not one of site-0, site-1, site-2") { try swarm(FedAvg(), mergers: ["x"]) }
    refuses("at least one merger") { try swarm(FedAvg(), mergers: []) }
    refuses("each named once") { try swarm(FedAvg(), mergers: ["site-0", "site-0"]) }
    refuses("not fewer than 0 witnesses") { try swarm(FedAvg(), witnesses: -1) }
    refuses("0 rounds") { try swarm(FedAvg(), rounds: 0) }
  }

  @Test func resumesAfterFailureBeforeAndAfterEveryCommit() async throws {
    let expected = try await federation(Scaffold()).run(from: referenceModel)
    for round in 1...4 {
      for journal in [FailingJournal(before: round), FailingJournal(after: round)] {
        let error = await #expect(throws: ConsiliumError.self) {
          try await swarm(Scaffold(), journal: journal).run(from: referenceModel)
        }
        #expect(error?.code == .storage)
        let outcome = try await swarm(Scaffold(), journal: journal.kept).run(from: referenceModel)
        #expect(outcome.lastModel == expected.lastModel)
        #expect(outcome.records.map(\.local) == expected.records.map(\.local))
        // A coordinator can continue what a swarm began.
        let star = try await federation(Scaffold(), rounds: 6, journal: journal.kept).run(
          from: referenceModel)
        let whole = try await federation(Scaffold(), rounds: 6).run(from: referenceModel)
        #expect(star.lastModel == whole.lastModel)
      }
    }
  }

  @Test func resumesAfterCancellationAtEveryEvent() async throws {
    let expected = try await federation(Scaffold()).run(from: referenceModel)
    var interruptions = 0
    for count in 1...100 {
      let journal = InMemoryJournal()
      let seen = Mutex(0)
      let task = Mutex<Task<FederationOutcome, any Error>?>(nil)
      let handler: RunEventHandler = { _ in
        let isReached = seen.withLock { seen in
          seen += 1
          return seen == count
        }
        if isReached { task.withLock { $0?.cancel() } }
      }
      let arm = try swarm(Scaffold(), journal: journal, events: handler)
      let (gate, open) = AsyncStream<Void>.makeStream()
      let run = Task {
        for await _ in gate { break }
        return try await arm.run(from: referenceModel)
      }
      task.withLock { $0 = run }
      open.finish()
      if case .failure(let error) = await run.result {
        interruptions += 1
        #expect((error as? ConsiliumError)?.code == .cancelled)
      }
      let outcome = try await swarm(Scaffold(), journal: journal).run(from: referenceModel)
      #expect(outcome.lastModel == expected.lastModel)
      #expect(outcome.records.map(\.local) == expected.records.map(\.local))
      if seen.withLock({ $0 }) < count { break }
    }
    #expect(interruptions > 20)
  }

  @Test func eventsFollowTheCourseOfTheArm() async throws {
    let names = Mutex<[String]>([])
    let handler: RunEventHandler = { event in names.withLock { $0.append(event.name) } }
    _ = try await swarm(FedAvg(), sites: 2, rounds: 1, events: handler).run(from: referenceModel)
    let story = names.withLock { $0 }
    #expect(story.prefix(2) == ["arm-started", "round-started"])
    #expect(story.suffix(2) == ["round-committed", "arm-finished"])
    #expect(
      story.sorted() == [
        "arm-finished", "arm-started", "round-committed", "round-started", "site-finished", "site-finished",
        "site-started", "site-started", "site-validated", "site-validated",
      ])
  }
}

/// Lets the second site fail.
private func failing(_ index: Int, _ trainer: ReferenceTrainer) -> any LocalTrainer {
  if index == 1 { Failing() } else { trainer }
}

/// A site whose training always fails.
private struct Failing: LocalTrainer {
  func train(from global: ModelParameters, following instruction: TrainingInstruction) throws -> LocalResult {
    throw ConsiliumError(.engine, "the disk is on fire")
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) throws -> SiteEvaluation {
    throw ConsiliumError(.engine, "the disk is on fire")
  }
}

/// The register of a merger that publishes a model with one altered weight in one round.
private struct LyingRegister: SwarmRegister {
  let base: InMemoryRegister
  let relay: InMemoryRelay
  let round: Int

  func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?) throws
    -> SwarmCreation
  {
    guard key == SwarmRoundKeys(study: "study", arm: "arm", round: round).model else {
      return base.create(key, value, lease: lease, fence: fence)
    }
    var result = try SwarmModel(SwarmEntry(key: key, value: value, revision: 0))
    let model = try #require(relay.parts(result.model)?.parts.first)
    var values = model.values
    values[0] = values[0].nextUp
    result.model = relay.put(NamedParts(ModelParameters(layout: model.layout, values: values)))
    return base.create(key, try result.encoded(), lease: lease, fence: fence)
  }

  func entry(at key: SwarmKey) -> SwarmEntry? { base.entry(at: key) }
  func entries(under key: SwarmKey) -> SwarmSnapshot { base.entries(under: key) }
  func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<SwarmChange, any Error> {
    base.changes(under: key, after: revision)
  }
  func grantLease(of duration: Duration) -> SwarmLease { base.grantLease(of: duration) }
  func renew(_ lease: SwarmLease.ID) -> Bool { base.renew(lease) }
  func revoke(_ lease: SwarmLease.ID) { base.revoke(lease) }
}
