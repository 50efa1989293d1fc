import Credentials
import FederatedCore
import Foundation

/// An update as version 0.1 stored it. A site that upgrades during a round can still send this update, and
/// need not train again.
struct FirstFormatAnswer: Decodable {
  var round: Int
  var stage: Int?
  /// The digest of the file of the model from which the site trained.
  var model: String
  /// The digest of the update's file.
  var update: String
  var weight: Double
  var summary: TrainingSummary

  /// - Returns: `nil` if the content of a file has a different format.
  init?(_ data: Data) {
    guard let answer = try? CanonicalJSON.decode(FirstFormatAnswer.self, from: data) else { return nil }
    self = answer
  }

  /// The update as an answer; `nil` if it answers a different question.
  func answer(to assignment: Assignment) -> KeptAnswer? {
    guard round == assignment.id.round, stage == assignment.id.stage, model == assignment.files["model"]
    else { return nil }
    let message = StageMessage.update(.none, weight: weight, summary)
    return KeptAnswer(
      kind: message.kind, facts: message.facts, files: [SiteUpdate<ModelParameters>.tensor: update])
  }
}
