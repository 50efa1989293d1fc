import Credentials
import FederatedCore
import Foundation

/// The questions and answers that earlier versions stored in the folder of a journal: the last answer,
/// and the questions for statistics.
struct EarlierAnswers {
  private struct Last: Decodable {
    /// The identity of the question; see ``Assignment/identity``.
    var question: String
    var round: Int
    var stage: Int?
  }

  private let folder: URL

  init(in folder: URL) { self.folder = folder }

  private var answerFile: URL { folder.appending(path: "answer.json") }
  private var claimsFile: URL { folder.appending(path: "claims.json") }

  /// Whether an earlier version may have answered a different question in the place of `assignment`.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func contradict(_ assignment: Assignment) throws -> Bool {
    let id = assignment.id
    let place = "\(id.round) \(id.stage.map(String.init) ?? "-") \(id.question)"
    if let claimed = try claims()[place] { return claimed != assignment.identity }
    guard assignment.files["model"] != nil, let lastRound else { return false }
    guard id.round == lastRound, assignment.message.kind.rawValue == "train" else {
      // The earlier version answered earlier rounds, but kept nothing of them.
      return id.round < lastRound
    }
    return answer(to: assignment) == nil
  }

  /// The stored answer to this question; `nil` if there is none.
  func answer(to assignment: Assignment) -> KeptAnswer? {
    guard let data = try? Data(contentsOf: answerFile) else { return nil }
    guard let last = try? CanonicalJSON.decode(Last.self, from: data) else {
      return FirstFormatAnswer(at: answerFile)?.answer(to: assignment)
    }
    guard last.question == assignment.identity else { return nil }
    return try? CanonicalJSON.decode(KeptAnswer.self, from: data)
  }

  /// The files of the last answer if it belongs to this round and stage.
  func files(inThePlaceOf id: Assignment.ID) -> [String] {
    if let first = FirstFormatAnswer(at: answerFile) {
      return first.round == id.round && first.stage == id.stage ? [first.update] : []
    }
    guard let data = try? Data(contentsOf: answerFile),
      let last = try? CanonicalJSON.decode(Last.self, from: data), last.round == id.round,
      last.stage == id.stage, let answer = try? CanonicalJSON.decode(KeptAnswer.self, from: data)
    else { return [] }
    return Array(answer.files.values)
  }

  /// The round of the last answer.
  private var lastRound: Int? {
    guard let data = try? Data(contentsOf: answerFile) else { return nil }
    return (try? CanonicalJSON.decode(Last.self, from: data))?.round
      ?? FirstFormatAnswer(at: answerFile)?.round
  }

  /// The identities of questions for statistics, by their places.
  private func claims() throws -> [String: String] {
    guard FileManager.default.fileExists(atPath: claimsFile.path(percentEncoded: false)) else { return [:] }
    do {
      return try CanonicalJSON.decode([String: String].self, from: try Data(contentsOf: claimsFile))
    } catch {
      // Without the claims, a second question could be answered.
      throw ConsiliumError(
        .storage, "'\(claimsFile.path(percentEncoded: false))' is damaged; restore it from a backup",
        cause: error)
    }
  }
}
