import Credentials
import FederatedCore
import Foundation
import ParameterFiles

/// The questions of one arm that a site was asked, one file each: one question of each kind in each round.
struct QuestionFolder {
  let url: URL

  init(_ url: URL) throws {
    self.url = url
    try DurableFolder.create(url)
    AtomicFile.removeLeftovers(in: url)
  }

  /// The question in the place of `assignment`, whether or not it is the same; `nil` if there is none.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file is damaged: without it, a second question
  ///   could be answered.
  func question(at id: Assignment.ID, _ kind: StageMessage.Kind) throws -> KeptQuestion? {
    let file = file(id, kind)
    guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return nil }
    do {
      return try CanonicalJSON.decode(KeptQuestion.self, from: try Data(contentsOf: file))
    } catch {
      throw ConsiliumError(
        .storage, "'\(file.path(percentEncoded: false))' is damaged; restore it from a backup", cause: error)
    }
  }

  /// Stores a question so that it survives a crash of the machine.
  func save(_ question: KeptQuestion, at id: Assignment.ID, _ kind: StageMessage.Kind) throws {
    try AtomicFile.write(try CanonicalJSON.encode(question), to: file(id, kind))
  }

  /// The stage is not part of the name: a site works in one stage of a round.
  private func file(_ id: Assignment.ID, _ kind: StageMessage.Kind) -> URL {
    url.appending(path: "\(kind)-\(id.round)-\(id.question).json")
  }
}
