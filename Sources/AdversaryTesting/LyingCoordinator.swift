import FederatedCore

/// A coordinator that asks one site a list of questions, whatever the site answers, and collects the answers.
public actor LyingCoordinator: SiteTransport {
  private var questions: [Assignment]
  /// The answers in the order in which they came.
  public private(set) var answers: [StageAnswer] = []

  public init(asking questions: [Assignment]) { self.questions = questions }

  /// Whether every question has been asked.
  public var isDone: Bool { questions.isEmpty }

  public func nextAssignment(for site: SiteID) -> Assignment? {
    questions.isEmpty ? nil : questions.removeFirst()
  }

  public func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) {
    answers.append(answer)
  }

  /// The answers that are not failures.
  public var messages: [StageMessage] {
    answers.compactMap { if case .message(let released) = $0 { released.content } else { nil } }
  }
}
