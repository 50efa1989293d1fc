import FederatedCore

/// A site's evaluation of a round's model on its validation data, or why there is none.
public struct SwarmValidation: SwarmContent {
  /// `nil` if the site failed.
  public var evaluation: SiteEvaluation?
  /// `nil` if the site evaluated the model.
  public var failure: SwarmFailure?

  public init(_ evaluation: SiteEvaluation) { self.evaluation = evaluation }

  public init(failure: SwarmFailure) { self.failure = failure }
}

extension SwarmValidation {
  /// The site's answer in an entry, as the coordinator's half of a validation takes it.
  static func answer(in entry: SwarmEntry) -> ReceivedAnswer {
    do throws(ConsiliumError) {
      let validation = try Self(entry)
      if let evaluation = validation.evaluation {
        let message = evaluation.message
        _ = try SiteEvaluation(message)
        return .message(ReceivedMessage(message, files: [:]).checked)
      }
      return .failure(
        validation.failure?.error ?? ConsiliumError(.invalidUpdate, "its validation has no content"))
    } catch {
      return .failure(error)
    }
  }
}
