import FederatedCore
import FederatedRuntime
import FederatedTesting
import StudyProtocol
import Testing

@testable import StudyRuns

/// Federated statistics as a conversation between a coordinator and sites.
struct StatisticsStageTests {
  private let sites = (0..<3).map { SiteID("site-\($0)") }
  private let study: Study

  init() throws {
    study = try Study(
      yaml: """
        study: {name: clinic, version: 1, title: Clinic, task: classification, seed: 5}
        elements:
          - {name: age, kind: number, role: input, unit: year}
          - {name: stage, kind: category, role: target, values: {0: early, 1: late}}
        preprocessing: [{standardise: {method: z-score}}]
        model: {architecture: linear}
        training:
          loss: binary-cross-entropy
          optimizer: {name: sgd, learning-rate: 0.1}
          batch-size: 4
          local-epochs: 1
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [accuracy], split: {test: 0.3}}

        """)
  }

  /// Thirty patients, whose ages are consecutive whole numbers from `lowest`.
  private struct Counter: LocalTrainer {
    var lowest: Int

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    { throw ConsiliumError(.engine, "it does not train") }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      throw ConsiliumError(.engine, "it does not evaluate")
    }

    func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics {
      let ages = (0..<30).map { Double(lowest + $0) }
      let range = StatisticsRange(of: ages, minimum: 5)
      var grids: [StatisticsGrid?] = []
      if case .counts(let asked) = question { grids = asked }
      let grid = grids.first.flatMap(\.self)
      let isCount = !grids.isEmpty
      return SiteStatistics(
        own: PatientMeasurements(
          members: (0..<30).map { UInt64($0) },
          items: [
            .init(
              bins: isCount ? grid?.bins ?? 1 : 0, isOrdered: true, canLack: false,
              places: ages.map { isCount ? grid?.bin(of: $0) ?? 0 : 0 }, moments: Moments(of: ages),
              range: range),
            .init(
              bins: isCount ? 2 : 0, isOrdered: false, canLack: false,
              places: (0..<30).map { isCount ? $0 % 2 : 0 }),
          ]))
    }
  }

  private var task: StageTask {
    StageTask(round: StatisticsStage.round, plan: ExchangePlan(stages: [.init(members: sites)]))
  }

  @Test func statisticsSatisfyTheStageLaws() async throws {
    let lowest = Dictionary(uniqueKeysWithValues: zip(sites, [20, 35, 50]))
    try await StageLaws(
      StatisticsStage(study), task, from: (), trainer: { Counter(lowest: lowest[$0] ?? 0) }
    ) { outcome in
      let answers = outcome.answers.sorted { $0.key < $1.key }
      return "\(outcome.question) \(answers) \(outcome.failures.sorted { $0.key < $1.key })"
    }.check()
  }

  @Test func messageRoundTripsTheReleasedStatistics() async throws {
    let rules = ReleaseRules(
      minimumPatients: 5, metrics: nil, ownFigures: true, calibration: true, confusion: true, curves: true,
      replicates: true, intervals: true, images: true)
    for question in [
      StatisticsQuestion.ranges,
      .counts([StatisticsGrid(low: 19.5, high: 49.5, bins: 30, isOfValues: true), nil]),
    ] {
      #expect(try StatisticsQuestion(question.message) == question)
      let own = try await Counter(lowest: 20).statistics(question)
      var released = ReleaseGate(rules: rules).release(own).content
      released.items[1].profile = StatisticsProfile(cellOfBin: [0, 0, 1], shares: [0.25, 0.75])
      #expect(try SiteStatistics(released.message) == released)
    }
  }

  @Test func answersThatDoNotMatchAreRefused() async throws {
    let question = StatisticsQuestion.counts([StatisticsGrid(low: 19.5, high: 49.5, bins: 30), nil])
    let message = ReleaseGate().release(try await Counter(lowest: 20).statistics(question)).content.message
    for (key, change) in [
      ("cell-patients", Fact.integers([1])), ("cell-items", .integers([0, 7])),
      ("bin-counts", .integers([1, 1])),
      ("means", .reals([])), ("squares", .reals([-1])), ("items", .integer(1 << 30)),
    ] {
      var broken = message
      broken.facts[key] = change
      #expect(throws: ConsiliumError.self, "\(key)") { try SiteStatistics(broken) }
    }
  }

  @Test func onlyTheTwoQuestionsOfTheStudyAreAdmitted() throws {
    let stage = StatisticsStage(study)
    func admit(_ question: StatisticsQuestion, round: Int = 1, stage number: Int? = 0, at place: Int) throws {
      try stage.admit(
        Assignment(id: .init(round: round, stage: number, question: place), message: question.message),
        at: sites[0])
    }
    let counts = StatisticsQuestion.counts([StatisticsGrid(low: 0, high: 1), nil])
    try admit(.ranges, at: 0)
    try admit(counts, at: 1)
    for attempt in [
      { try admit(.ranges, at: 1) }, { try admit(counts, at: 0) }, { try admit(counts, at: 2) },
      { try admit(.ranges, round: 2, at: 0) }, { try admit(.ranges, stage: nil, at: 0) },
      { try admit(.counts([nil]), at: 1) },
    ] {
      #expect(throws: ConsiliumError.self) { try attempt() }
    }
  }

  /// A site allocates memory for every bin that a coordinator names.
  @Test(arguments: [256, 257, 1 << 40]) func gridOfTooManyBinsIsRefused(bins: Int) throws {
    let grid = try #require(StatisticsGrid(low: 0, high: 1, bins: bins))
    let grids = study.statisticsItems.map { _ in Optional(grid) }
    let assignment = Assignment(
      id: .init(round: 1, stage: 0, question: 1), message: StatisticsQuestion.counts(grids).message)
    if bins == 256 {
      try StatisticsStage(study).admit(assignment, at: sites[0])
    } else {
      #expect(throws: ConsiliumError.self) { try StatisticsStage(study).admit(assignment, at: sites[0]) }
    }
  }

  @Test func aSiteThatFailsIsMissingFromTheResult() throws {
    var coordinator = StatisticsStage(study).makeCoordinator(for: task, from: ())
    let id = Assignment.ID(round: 1, stage: 0)
    _ = try coordinator.take(.begin)
    let empty = SiteStatistics(patients: 0, minimum: 10, items: []).message
    for site in sites.prefix(2) {
      _ = try coordinator.take(.answer(.message(ReceivedMessage(empty, files: [:])), to: id, from: site))
    }
    let actions = try coordinator.take(
      .answer(.failure(ConsiliumError(.engine, "the engine failed")), to: id, from: sites[2]))
    guard case .commit(let next, let committed)? = actions.last else {
      Issue.record("nothing is committed")
      return
    }
    #expect(committed == Array(sites.prefix(2)))
    // No site releases anything, so no site is asked again.
    guard case .finish(let outcome)? = try coordinator.take(.committed(next, committed)).last else {
      Issue.record("the stage does not end")
      return
    }
    #expect(outcome.failures == [sites[2]: "the engine failed"])
    #expect(outcome.answers.count == 2)
  }
}
