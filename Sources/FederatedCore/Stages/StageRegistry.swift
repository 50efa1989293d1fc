/// The stages that a site or a coordinator supports in one arm, by the kind of their questions.
public struct StageRegistry: Sendable {
  private let stages: [StageMessage.Kind: any StageProtocol]

  /// - Precondition: No two stages have questions of the same kind.
  public init(_ stages: [any StageProtocol]) {
    self.stages = Dictionary(uniqueKeysWithValues: stages.map { ($0.question.kind, $0) })
  }

  /// The stage to which this question belongs.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no such stage, or if the question has
  ///   content that the stage has not declared.
  public func stage(of assignment: Assignment) throws(ConsiliumError) -> any StageProtocol {
    guard let stage = stages[assignment.message.kind] else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator asks for work of the kind '\(assignment.message.kind.rawValue.prefix(64))', which is not in the "
          + "study that was signed; the site ignores it")
    }
    do {
      try stage.question.check(assignment.message)
    } catch {
      throw ConsiliumError(.invalidInput, error.message, cause: error)
    }
    return stage
  }

  /// Whether a site stores its answers to questions of this kind.
  public func keepsAnswers(to kind: StageMessage.Kind) -> Bool { stages[kind]?.keepsAnswers ?? false }

  /// Refuses a question that is not part of the signed study.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError) {
    try stage(of: assignment).admit(assignment, at: site)
  }
}
