/// The question that a site refused to answer, because the site's agreement does not cover the question, or
/// because the site has already answered a different question of the same kind in the same round.
public struct QuestionRefusal: Error, Sendable {
  public let id: Assignment.ID
  public let kind: StageMessage.Kind
  /// The digests of the question's files, in hexadecimal, by the names of their tensors.
  public let files: [String: String]
  /// The identity of the question; see ``Assignment/identity``.
  public let identity: String
}

extension ConsiliumError {
  /// Creates the refusal of a question. Its message may be sent to the coordinator: it must not name a file
  /// of the site.
  public init(refusing assignment: Assignment, _ message: String) {
    self.init(
      .invalidInput, message,
      cause: QuestionRefusal(
        id: assignment.id, kind: assignment.message.kind, files: assignment.files,
        identity: assignment.identity))
  }

  /// The question whose refusal this error reports; `nil` if the error has a different reason.
  public var refusal: QuestionRefusal? { cause as? QuestionRefusal }
}
