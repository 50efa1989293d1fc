import FederatedCore
import FederatedRuntime
import StudyProtocol

extension StageMessage.Kind {
  /// The kind of the questions in federated statistics.
  public static let summarise = Self("summarise")
}

extension FactKey<[Double]> {
  fileprivate static let lows = FactKey("lows")
  fileprivate static let highs = FactKey("highs")
}

extension FactKey<[Int]> {
  /// The number of bins of each item's grid; 0 for an item without a grid.
  fileprivate static let bins = FactKey("bins")
  /// For each grid, 1 if each bin stands for a single value, otherwise 0.
  fileprivate static let ofValues = FactKey("bins-of-values")
}

/// Federated statistics: every site is asked for the ranges of its values, and then for the number of
/// patients in the bins of a common grid.
///
/// A site answers each of the two questions only once: counts on two different grids could together reveal
/// groups that are too small.
public struct StatisticsStage: StageProtocol {
  public let study: Study

  public init(_ study: Study) { self.study = study }

  public var question: MessageSchema {
    MessageSchema(.summarise).with(.lows).with(.highs).with(.bins).with(.ofValues)
  }
  public var answer: MessageSchema { SiteStatistics.schema }
  public var keepsAnswers: Bool { true }
  public var keepsMemory: Bool { false }
  public var isDispensable: Bool { true }

  /// The number of the stage's only round.
  public static let round = 1

  public func makeCoordinator(for task: StageTask, from input: consuming Void) -> StatisticsCoordinator {
    StatisticsCoordinator(study, task)
  }

  // MARK: At the site

  public func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError) {
    let id = assignment.id
    guard id.round == Self.round, id.stage == 0, (0...1).contains(id.question) else {
      throw ConsiliumError(.invalidInput, "the coordinator asks for more statistics than the study has")
    }
    let question = try StatisticsQuestion(assignment.message)
    guard id.question == (question == .ranges ? 0 : 1) else {
      throw ConsiliumError(.invalidInput, "the coordinator asks for statistics in the wrong order")
    }
    if case .counts(let grids) = question, grids.count != study.statisticsItems.count {
      throw ConsiliumError(
        .invalidInput, "the coordinator asks for statistics of items that are not the study's")
    }
  }

  public func respond(to assignment: Assignment, with tools: SiteTools) async throws -> StageDraft {
    StageDraft(try await tools.trainer.statistics(try StatisticsQuestion(assignment.message)))
  }

  // MARK: At the coordinator

  public func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID)
    throws(ConsiliumError)
  {
    let statistics = try SiteStatistics(answer.message)
    guard statistics.items.isEmpty || statistics.items.count == study.statisticsItems.count else {
      throw ConsiliumError(
        .invalidUpdate, "site '\(site)' sent statistics of items that are not the study's")
    }
  }
}

extension StatisticsQuestion {
  /// The question as a message of the stage.
  var message: StageMessage {
    var message = StageMessage(.summarise)
    guard case .counts(let grids) = self else { return message }
    message[.lows] = grids.map { $0?.low ?? 0 }
    message[.highs] = grids.map { $0?.high ?? 0 }
    message[.bins] = grids.map { $0?.bins ?? 0 }
    message[.ofValues] = grids.map { $0?.isOfValues == true ? 1 : 0 }
    return message
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message is not a statistics question.
  init(_ message: StageMessage) throws(ConsiliumError) {
    guard !message.facts.isEmpty else {
      self = .ranges
      return
    }
    let most = Study.maximumStatistics
    let lows = try message.numbers(.lows, most: most)
    let highs = try message.numbers(.highs, most: most)
    let bins = try message.counts(.bins, most: most)
    let ofValues = try message.counts(.ofValues, most: most)
    guard [lows.count, highs.count, ofValues.count].allSatisfy({ $0 == bins.count }) else {
      throw ConsiliumError(.invalidUpdate, "the columns of a question for statistics do not match")
    }
    // Limit the number of bins, since a site allocates memory for each bin.
    guard bins.allSatisfy({ $0 <= StatisticsGrid.numberBins }) else {
      throw ConsiliumError(
        .invalidUpdate,
        "a question for statistics has a grid of \(bins.max() ?? 0) bins; expected at most \(StatisticsGrid.numberBins)"
      )
    }
    self = .counts(
      bins.indices.map { item in
        StatisticsGrid(low: lows[item], high: highs[item], bins: bins[item], isOfValues: ofValues[item] > 0)
      })
  }
}

/// The coordinator's half of federated statistics.
public struct StatisticsCoordinator: StageCoordinator {
  public struct Outcome: Sendable {
    /// The question for counts that was asked.
    public var question: StatisticsQuestion
    /// The last answer of each site: its counts, or its answer to the first question if that answer released
    /// nothing.
    public var answers: [SiteID: SiteStatistics]
    /// The sites that sent no statistics, each with the reason.
    public var failures: [SiteID: String]
  }

  private let study: Study
  private let task: StageTask
  private var question = StatisticsQuestion.ranges
  private var number = 0
  private var waiting: Set<SiteID> = []
  private var outcome = Outcome(question: .ranges, answers: [:], failures: [:])

  init(_ study: Study, _ task: StageTask) {
    self.study = study
    self.task = task
  }

  private var id: Assignment.ID { .init(round: task.round, stage: 0, question: number) }

  public mutating func take(_ event: StageEvent) throws -> [StageAction<Outcome>] {
    switch event {
    case .begin: return try ask(task.plan.members)
    case .answer(.message(let answer), id, let site) where waiting.remove(site) != nil:
      outcome.answers[site] = try SiteStatistics(answer.message)
      return try next()
    case .answer(.failure(let error), id, let site) where waiting.remove(site) != nil:
      return [drop(site, error.message)] + (try next())
    case .deadline(id):
      let late = waiting.sorted()
      waiting = []
      return late.flatMap { [.withdraw($0), drop($0, "it sent no statistics in time")] } + (try next())
    case .committed(Assignment.ID(round: task.round, stage: 0, question: 1), let sites) where number == 0:
      let answers = sites.sorted().compactMap { outcome.answers[$0] }
      question = StatisticsQuestion(for: study, after: answers)
      outcome.question = question
      number = 1
      return try ask(sites.sorted().filter { outcome.answers[$0]?.items.isEmpty == false })
    default: return []
    }
  }

  private mutating func drop(_ site: SiteID, _ reason: String) -> StageAction<Outcome> {
    outcome.answers[site] = nil
    outcome.failures[site] = reason
    return .note(.dropped(site, reason: reason))
  }

  private mutating func ask(_ sites: [SiteID]) throws -> [StageAction<Outcome>] {
    waiting = Set(sites)
    let assignment = Assignment(id: id, message: question.message)
    return [.expect(id)] + sites.map { .ask($0, assignment) } + (try next())
  }

  /// The actions that follow when all answers have arrived; none before that. The list of the sites whose
  /// ranges determine the grids is stored before the question for counts.
  private mutating func next() throws -> [StageAction<Outcome>] {
    guard waiting.isEmpty else { return [] }
    guard number == 0 else { return [.finish(outcome)] }
    guard outcome.answers.count >= max(1, task.minimum) else {
      return [.fail(ConsiliumError(.partial, "too few sites sent statistics"))]
    }
    return [.commit(.init(round: task.round, stage: 0, question: 1), outcome.answers.keys.sorted())]
  }
}
