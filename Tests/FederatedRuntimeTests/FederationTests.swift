import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Synchronization
import Testing

struct FederationTests {
  /// Checks that the runtime agrees bit for bit with a plain loop that shares no code with it.
  @Test func runsTheRoundsOfTheReference() async throws {
    func check(_ strategy: some Strategy) async throws {
      let outcome = try await federation(strategy).run(from: referenceModel)
      var reference = ReferenceRun(strategy: strategy, trainers: ReferenceTrainer.sites(3))
      try await reference.advance(to: 4)
      #expect(outcome.lastModel == reference.model, "\(strategy)")
    }
    try await check(FedAvg())
    try await check(FedProx(mu: 0.1))
    try await check(FedAdam())
    try await check(Scaffold())
    try await check(FedMedian())
  }

  @Test(arguments: [1, 2, 5]) func concurrencyDoesNotChangeTheModel(_ concurrency: Int) async throws {
    let expected = try await federation(Scaffold(), sites: 5).run(from: referenceModel)
    let outcome = try await federation(Scaffold(), sites: 5) { $0.concurrentSites = concurrency }
      .run(from: referenceModel)
    #expect(outcome.lastModel == expected.lastModel)
    #expect(outcome.records.map(\.timeless) == expected.records.map(\.timeless))
  }

  @Test func recordNamesContributionsWithWeights() async throws {
    let records = try await federation(FedAvg()).run(from: referenceModel).records
    #expect(records.map(\.round) == [1, 2, 3, 4])
    for record in records {
      #expect(record.contributions.map(\.site.rawValue) == ["site-0", "site-1", "site-2"])
      #expect(record.contributions.map(\.weight) == [20, 28, 36])
      #expect(record.contributions.map(\.updateDigest) == [nil, nil, nil], "no update left the process")
      #expect(record.validation.map(\.site) == record.contributions.map(\.site))
      #expect(record.modelDigest.count == 64)
    }
    #expect(Set(records.map(\.modelDigest)).count == 4)
  }

  @Test func weightsMayBeEqual() async throws {
    let records = try await federation(FedAvg()) { $0.weighting = .equal }.run(from: referenceModel).records
    #expect(records[0].contributions.map(\.weight) == [1, 1, 1])
  }

  @Test func aRingPassesTheModelOn() async throws {
    let outcome = try await federation(FedAvg(), over: Ring(), rounds: 2).run(from: referenceModel)
    var model = referenceModel
    for round in 1...2 {
      for (index, trainer) in ReferenceTrainer.sites(3).enumerated() {
        let seed = RandomStream.seed(
          study: 11, purpose: .training, site: SiteID("site-\(index)"), round: round)
        let instruction = TrainingInstruction(
          round: round, amount: .epochs(1), learningRate: 0.05, seed: seed)
        model.add(try await trainer.train(from: model, following: instruction).delta)
      }
    }
    #expect(outcome.lastModel == model)
    #expect(outcome.records[0].contributions.map(\.site.rawValue) == ["site-0", "site-1", "site-2"])
  }

  @Test func theBestModelIsKept() async throws {
    let journal = InMemoryJournal()
    let outcome = try await federation(FedAvg(), rounds: 6, journal: journal) {
      // The learning rate makes the second half diverge.
      $0.learningRate = { $0 <= 3 ? 0.1 : 5 }
    }.run(from: referenceModel)
    let scores = outcome.records.map { $0.selection.score ?? .infinity }
    let best = try #require(scores.indices.min { scores[$0] < scores[$1] })
    #expect(best < 5)
    #expect(outcome.records.last?.selection.bestRound == best + 1)
    #expect(outcome.bestModel == journal.bestModel(of: "arm"))
    #expect(outcome.bestModel != outcome.lastModel)
  }

  @Test func armWithoutImprovementStopsEarly() async throws {
    let outcome = try await federation(FedAvg(), rounds: 50) {
      $0.learningRate = { $0 <= 3 ? 0.1 : 1e-12 }
      $0.selection = ModelSelection(
        metric: "loss", higherIsBetter: false, patience: 2, minimumImprovement: 1e-6)
    }.run(from: referenceModel)
    #expect(outcome.stoppedEarly)
    #expect(outcome.records.count == 5)
    #expect(outcome.bestModel != referenceModel)
  }

  @Test func validatesEverySecondRoundAndTheLast() async throws {
    let records = try await federation(FedAvg(), rounds: 5) { $0.validateEvery = 3 }
      .run(from: referenceModel).records
    #expect(records.map(\.validation.isEmpty) == [true, true, false, true, false])
  }

  @Test func localBaselineIsAnArmWithOneSite() async throws {
    let outcome = try await federation(FedAvg(), sites: 1).run(from: referenceModel)
    var reference = ReferenceRun(strategy: FedAvg(), trainers: ReferenceTrainer.sites(1))
    try await reference.advance(to: 4)
    #expect(outcome.lastModel == reference.model)
  }

  /// Like the pooled baseline: one member has all the data, and the sites only validate.
  @Test func membersMayOnlyTrainOrOnlyValidate() async throws {
    let trainers = ReferenceTrainer.sites(3)
    let members = [
      Federation<FedAvg, ReferenceTrainer>.Member(
        site: SiteID("site-0"), trainer: trainers[0], validates: false),
      .init(site: SiteID("x"), trainer: trainers[1], trains: false),
      .init(site: SiteID("y"), trainer: trainers[2], trains: false),
    ]
    let settings = FederationSettings(arm: "pooled", rounds: 4, learningRate: { _ in 0.05 }, seed: 11)
    let outcome = try await Federation(
      settings: settings, strategy: FedAvg(), topology: Star(), members: members
    ).run(from: referenceModel)
    var reference = ReferenceRun(strategy: FedAvg(), trainers: [trainers[0]])
    try await reference.advance(to: 4)
    #expect(outcome.lastModel == reference.model)
    #expect(outcome.records[0].contributions.map(\.site.rawValue) == ["site-0"])
    #expect(outcome.records[0].validation.map(\.site.rawValue) == ["x", "y"])
  }

  @Test func eventsFollowTheCourseOfTheArm() async throws {
    let names = Mutex<[String]>([])
    let handler: RunEventHandler = { event in names.withLock { $0.append(event.name) } }
    _ = try await federation(FedAvg(), sites: 2, rounds: 1, events: handler).run(from: referenceModel)
    let story = names.withLock { $0 }
    #expect(story.first == "arm-started")
    #expect(story.last == "arm-finished")
    #expect(
      story.sorted() == [
        "arm-finished", "arm-started", "round-committed", "round-started", "site-finished", "site-finished",
        "site-started", "site-started", "site-validated", "site-validated",
      ])
  }

  @Test func contradictionsAreRefused() throws {
    func refuses(_ fault: String, _ change: (inout FederationSettings) -> Void) throws {
      let error = try #require(throws: ConsiliumError.self) { try federation(FedAvg(), adjust: change) }
      #expect(error.code == .invalidInput)
      #expect(error.message.contains(fault), "\(error.message)")
    }
    try refuses("0 rounds") { $0.rounds = 0 }
    try refuses("required site 'x'") { $0.required.insert(SiteID("x")) }
    try refuses("at least 4 sites") { $0.minimumSites = 4 }
    try refuses("cannot be selected") { $0.validateEvery = 0 }
    #expect(throws: ConsiliumError.self) { try federation(FedAvg(), sites: 0) }
  }
}
