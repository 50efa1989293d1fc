import FederatedCore

extension StageMessage.Kind {
  /// The question to evaluate a model.
  public static let evaluate = Self("evaluate")
}

extension FactKey<String> {
  /// The part of the data: `validation` or `test`.
  public static let part = FactKey("part")
}

extension StageMessage {
  /// The question to evaluate a model on a part of the data.
  public static func evaluate(_ model: ModelParameters, on part: DataPart) -> StageMessage {
    var message = StageMessage(.evaluate, tensors: ["model": .parameters(NamedParts(model))])
    message[.part] = part.rawValue
    return message
  }
}

/// Evaluation: every site is asked once and answers with the metrics of a model on its own data.
public struct EvaluationStage: StageProtocol {
  /// The purpose of an evaluation. It determines the data, and what happens if a site does not answer.
  public enum Purpose: Sendable {
    /// The validation of an arm's model after a round. A required site that fails ends the arm.
    case validation(FederationSettings)
    /// The tests of final models, which are numbered like rounds. The results omit a site that fails.
    case test(models: Int)
  }

  public let purpose: Purpose

  public init(_ purpose: Purpose) { self.purpose = purpose }

  public var question: MessageSchema { MessageSchema(.evaluate, tensors: ["model": .f32]).with(.part) }
  public var answer: MessageSchema { SiteEvaluation.schema }
  public var keepsAnswers: Bool { false }
  public var keepsMemory: Bool { false }

  var part: DataPart {
    switch purpose {
    case .validation: .validation
    case .test: .test
    }
  }

  public func makeCoordinator(for task: StageTask, from model: consuming ModelParameters)
    -> EvaluationCoordinator
  {
    EvaluationCoordinator(self, task, of: model)
  }

  // MARK: At the site

  public func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError) {
    let round = assignment.id.round
    guard assignment.message[.part] == part.rawValue, assignment.id.stage == nil, assignment.id.question == 0
    else { throw refusal("an evaluation on data other than the \(part.rawValue) data") }
    switch purpose {
    case .validation(let settings):
      try settings.admit(round: round)
      guard settings.validates(round) else { throw settings.refusal("a validation after round \(round)") }
    case .test(let models):
      guard (1...max(1, models)).contains(round) else {
        throw refusal("work other than the final evaluation")
      }
    }
  }

  private func refusal(_ what: String) -> ConsiliumError {
    switch purpose {
    case .validation(let settings): settings.refusal(what)
    case .test: notInStudy(what)
    }
  }

  public func respond(to assignment: Assignment, with tools: SiteTools) async throws -> StageDraft {
    StageDraft(try await tools.trainer.evaluate(try assignment.message.model(), on: part))
  }

  // MARK: At the coordinator

  public func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID)
    throws(ConsiliumError)
  {
    _ = try SiteEvaluation(answer.message)
  }
}

/// The coordinator's half of an evaluation.
public struct EvaluationCoordinator: StageCoordinator {
  public struct Outcome: Sendable {
    /// The results in the order of the sites' names.
    public var results: [SiteValidation]
    /// The sites that sent no result in time.
    public var late: [SiteID]
  }

  private let stage: EvaluationStage
  private let task: StageTask
  private let model: ModelParameters
  private var waiting: Set<SiteID> = []
  private var outcome = Outcome(results: [], late: [])

  init(_ stage: EvaluationStage, _ task: StageTask, of model: consuming ModelParameters) {
    self.stage = stage
    self.task = task
    self.model = model
  }

  private var id: Assignment.ID { .init(round: task.round, stage: nil) }

  public mutating func take(_ event: StageEvent) throws -> [StageAction<Outcome>] {
    switch event {
    case .begin:
      waiting = Set(task.plan.members)
      return [.expect(id)] + task.plan.members.map { .ask($0, question) } + ending
    case .answer(.message(let answer), id, let site) where waiting.remove(site) != nil:
      let evaluation = try SiteEvaluation(answer.message)
      outcome.results.append(SiteValidation(site: site, evaluation: evaluation))
      return [.note(.evaluated(site, evaluation))] + ending
    case .answer(.failure(let error), id, let site) where waiting.remove(site) != nil:
      return try failure(error, of: site) + ending
    case .deadline(id):
      let late = waiting.subtracting(task.required).sorted()
      outcome.late += late
      waiting.subtract(late)
      return late.map { .withdraw($0) } + late.map { .note(.dropped($0, reason: lateness)) } + ending
    default: return []
    }
  }

  private var question: Assignment {
    Assignment(id: id, message: .evaluate(model, on: stage.part))
  }

  private var ending: [StageAction<Outcome>] {
    guard waiting.isEmpty else { return [] }
    var outcome = outcome
    outcome.results.sort { $0.site < $1.site }
    return [.finish(outcome)]
  }

  private var lateness: String {
    switch stage.purpose {
    case .validation: "validation: it sent no result in time"
    case .test: "it sent no result in time"
    }
  }

  private func failure(_ error: ConsiliumError, of site: SiteID) throws -> [StageAction<Outcome>] {
    guard case .validation(let settings) = stage.purpose else { return [] }
    try error.throwUnlessOfSite()
    guard task.required.contains(site) else {
      return [.note(.dropped(site, reason: "validation: \(error.message)"))]
    }
    return [
      .fail(
        ConsiliumError(
          .partial,
          "site '\(site)' is required but could not validate the model of round \(task.round) of arm "
            + "'\(settings.arm)': \(error.message)", cause: error))
    ]
  }
}
