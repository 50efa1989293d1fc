import Credentials
import FederatedCore
import Foundation
import ParameterFiles

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
    guard assignment.files["model"] != nil, let lastRound = try lastRound else { return false }
    guard id.round == lastRound, assignment.message.kind.rawValue == "train" else {
      // The earlier version answered earlier rounds, but kept nothing of them.
      return id.round < lastRound
    }
    return try answer(to: assignment) == nil
  }

  /// The stored answer to this question; `nil` if there is none.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func answer(to assignment: Assignment) throws -> KeptAnswer? {
    switch try stored() {
    case .last(let last, let answer): last.question == assignment.identity ? answer : nil
    case .firstFormat(let first): first.answer(to: assignment)
    case nil: nil
    }
  }

  /// The files of the last answer if it belongs to this round and stage.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func files(inThePlaceOf id: Assignment.ID) throws -> [String] {
    switch try stored() {
    case .last(let last, let answer) where last.round == id.round && last.stage == id.stage:
      Array(answer.files.values)
    case .firstFormat(let first) where first.round == id.round && first.stage == id.stage: [first.update]
    default: []
    }
  }

  /// The round of the last answer.
  private var lastRound: Int? {
    get throws {
      switch try stored() {
      case .last(let last, _): last.round
      case .firstFormat(let first): first.round
      case nil: nil
      }
    }
  }

  private enum Stored {
    case last(Last, KeptAnswer)
    case firstFormat(FirstFormatAnswer)
  }

  /// The last answer; `nil` if no earlier version stored one.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file is damaged: without it, a second question
  ///   could be answered.
  private func stored() throws -> Stored? {
    guard let data = try AtomicFile.contents(of: answerFile) else { return nil }
    if let first = FirstFormatAnswer(data) { return .firstFormat(first) }
    do {
      return .last(
        try CanonicalJSON.decode(Last.self, from: data), try CanonicalJSON.decode(KeptAnswer.self, from: data)
      )
    } catch {
      throw damaged(answerFile, error)
    }
  }

  private func damaged(_ file: URL, _ cause: any Error) -> ConsiliumError {
    ConsiliumError(
      .storage, "'\(file.path(percentEncoded: false))' is damaged; restore it from a backup", cause: cause)
  }

  /// The identities of questions for statistics, by their places.
  private func claims() throws -> [String: String] {
    guard FileManager.default.fileExists(atPath: claimsFile.path(percentEncoded: false)) else { return [:] }
    do {
      return try CanonicalJSON.decode([String: String].self, from: try Data(contentsOf: claimsFile))
    } catch {
      // Without the claims, a second question could be answered.
      throw damaged(claimsFile, error)
    }
  }
}
