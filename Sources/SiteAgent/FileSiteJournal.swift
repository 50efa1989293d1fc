import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles

/// The site's journal of one arm on disk: the last answer, and the memory of the stages after each recent
/// round.
///
/// An answer's file is used only if its digest is right. Large files are therefore not synchronised to disk:
/// after a power cut, the site repeats the work, with the same answer.
actor FileSiteJournal: SiteJournal {
  private struct Answer: Codable {
    /// The identity of the question; see ``Assignment/identity``.
    var question: String
    var round: Int
    var stage: Int?
    var kind: StageMessage.Kind
    var facts: [String: Fact]
    /// The files of the answer's parameters, by the names of their tensors.
    var files: [String: String]
    /// The tensors that are not parameters.
    var vectors: [String: Vector]

    struct Vector: Codable {
      var type: String
      var count: Int
      var bytes: Data
    }
  }

  /// The number of recent rounds whose memory stays stored, in case the coordinator is restored from an older
  /// backup.
  private static let keptStates = 4

  let folder: URL
  private let site: SiteID
  private let store: BlobStore

  /// - Parameter store: holds the files of answers; the transport sends them from there.
  init(folder: URL, site: SiteID, store: BlobStore) throws {
    self.folder = folder
    self.site = site
    self.store = store
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private var answerFile: URL { folder.appending(path: "answer.json") }

  private var kept: Answer? {
    guard let data = try? Data(contentsOf: answerFile) else { return nil }
    return (try? CanonicalJSON.decode(Answer.self, from: data))
  }

  private var claimsFile: URL { folder.appending(path: "claims.json") }

  func claim(_ assignment: Assignment) throws -> Bool {
    var claims: [String: String] = [:]
    if FileManager.default.fileExists(atPath: claimsFile.path) {
      do {
        claims = try CanonicalJSON.decode([String: String].self, from: try Data(contentsOf: claimsFile))
      } catch {
        // Without the record of the claimed questions, the site could answer a second question under the same
        // id.
        throw ConsiliumError(
          .storage, "'\(claimsFile.path)' is damaged; restore it from a backup", cause: error)
      }
    }
    let id = assignment.id
    let place = "\(id.round) \(id.stage.map(String.init) ?? "-") \(id.question)"
    if let claimed = claims[place] { return claimed == assignment.identity }
    claims[place] = assignment.identity
    try AtomicFile.write(try CanonicalJSON.encode(claims), to: claimsFile)
    return true
  }

  func answer(to assignment: Assignment) throws -> StageMessage? {
    guard let kept else { return FirstFormatAnswer(at: answerFile)?.message(to: assignment, in: store) }
    guard kept.question == assignment.identity else { return nil }
    var message = StageMessage(kept.kind, facts: kept.facts)
    for (name, file) in kept.files {
      guard let parts = store.keptParts(named: file) else { return nil }
      message.tensors[name] = .parameters(parts)
    }
    for (name, vector) in kept.vectors {
      guard let type = StageTensor.ElementType(rawValue: vector.type),
        let tensor = StageTensor(type, count: vector.count, littleEndian: vector.bytes)
      else { return nil }
      message.tensors[name] = tensor
    }
    return message
  }

  func memory(before assignment: Assignment) throws -> NamedParts? {
    let (round, wanted) = (assignment.id.round, order(assignment.id))
    let all = try stateFiles()
    let states = all.filter { $0.order < wanted }
    // Only the memory after this round or after the last accepted round is valid. Any other memory follows a
    // rejected update, or lacks later updates.
    if let state = states.last(where: { $0.round == round || $0.round == assignment.previousRound }) {
      return try ParameterFile.read(from: state.url)
    }
    guard let previous = assignment.previousRound else { return nil }
    // Training from any other memory would silently produce a different model.
    let (kept, reason): (Int?, String) =
      if let next = all.first, next.round > previous {
        (next.round, "the coordinator was restored from a backup that is too many rounds old")
      } else {
        (
          states.last?.round,
          "its folder was restored from an older backup, or another agent works on a copy of it"
        )
      }
    throw ConsiliumError(
      .invalidInput,
      "round \(round) starts from the algorithm's state after round \(previous), which this site does not have"
        + (kept.map { ", only that of round \($0)" } ?? "") + "; \(reason). Start the study over")
  }

  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) throws {
    var (files, vectors): ([String: String], [String: Answer.Vector]) = ([:], [:])
    for (name, tensor) in answer.tensors {
      if case .parameters(let parts) = tensor {
        files[name] = try store.add(parts).name
      } else {
        vectors[name] = .init(
          type: tensor.elementType.rawValue, count: tensor.count, bytes: Data(tensor.littleEndianBytes))
      }
    }
    if !memory.parts.isEmpty { try keep(memory, after: assignment) }
    let kept = Answer(
      question: assignment.identity, round: assignment.id.round, stage: assignment.id.stage,
      kind: answer.kind,
      facts: answer.facts, files: files, vectors: vectors)
    try AtomicFile.write(try CanonicalJSON.encode(kept), to: answerFile)
    store.removeAll(except: Set(files.values).union(assignment.files.values))
  }

  private func keep(_ memory: NamedParts, after assignment: Assignment) throws {
    let file = folder.appending(path: "state-\(order(assignment.id)).safetensors")
    try ParameterFile.write(memory, to: file)
    // The coordinator no longer knows the assignments after this one, so the memory after them is invalid.
    for old in try stateFiles() where old.order > order(assignment.id) { unlink(old.url.path) }
    // Keep the memory after the last accepted answer: the site starts from it, even if its answers were late
    // for many rounds.
    for old in try stateFiles().dropLast(Self.keptStates) where old.round != assignment.previousRound {
      unlink(old.url.path)
    }
  }

  /// Removes all stored files except those that the given assignment needs. A coordinator restored from a
  /// backup may ask for earlier work again; it is then repeated.
  func clear(for id: Assignment.ID, files: [String: String]) {
    var names = Set(files.values)
    if let kept, kept.round == id.round, kept.stage == id.stage { names.formUnion(kept.files.values) }
    if let old = FirstFormatAnswer(at: answerFile), old.round == id.round, old.stage == id.stage {
      names.insert(old.update)
    }
    store.removeAll(except: names)
  }

  /// The round and the stage as one increasing number.
  private func order(_ id: Assignment.ID) -> Int { id.round << 16 | (id.stage ?? 0) }

  private func stateFiles() throws -> [(order: Int, round: Int, url: URL)] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).compactMap {
      url in
      let match = url.lastPathComponent.wholeMatch(of: /state-([0-9]+)\.safetensors/)
      return match.flatMap { Int($0.1) }.map { ($0, $0 >> 16, url) }
    }.sorted { $0.0 < $1.0 }
  }
}
