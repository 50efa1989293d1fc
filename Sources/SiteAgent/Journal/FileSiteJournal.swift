import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles

/// The site's journal of one arm on disk: every question with its answer, and the stages' memory after recent
/// rounds.
///
/// The questions, the digests of the answers and their facts are kept for ever; the files of an answer only
/// until the next answer with files. If a question comes again after that, the site repeats the work and
/// releases the result only if it is the same. Large files are therefore not synchronised to disk.
actor FileSiteJournal: SiteJournal {
  /// The number of recent rounds whose memory stays stored, in case the coordinator is restored from an older
  /// backup.
  private static let keptStates = 8

  let folder: URL
  private let site: SiteID
  private let store: BlobStore
  /// The questions of each attempt, by its number.
  private let questions: [Int: QuestionFolder]
  private let attempts: ArmAttempts
  private let earlier: EarlierAnswers
  private let ending: StudyCourse.Ending?
  private var arm: String { folder.lastPathComponent }

  /// - Parameters:
  ///   - folder: the arm's folder, with the arm's name.
  ///   - store: holds the files of answers; the transport sends them from there.
  ///   - ending: how the study ended at this site; only earlier questions are then answered. `nil` if it
  ///     has not ended.
  ///   - attempts: the coordinator's attempts at the arm; each may ask the questions of its rounds once.
  init(
    folder: URL, site: SiteID, store: BlobStore, ending: StudyCourse.Ending? = nil,
    attempts: ArmAttempts = .first
  ) throws {
    self.attempts = attempts
    self.ending = ending
    self.folder = folder
    self.site = site
    self.store = store
    try DurableFolder.create(folder)
    AtomicFile.removeLeftovers(in: folder)
    let numbers = [1] + attempts.attempts.map(\.number)
    questions = try Dictionary(
      uniqueKeysWithValues: numbers.map { number in
        (number, try QuestionFolder(folder.appending(path: ArmAttempts.name("questions", of: number))))
      })
    earlier = EarlierAnswers(in: folder)
  }

  func claim(_ assignment: Assignment) throws {
    let kind = assignment.message.kind
    let kept = try question(at: assignment.id, kind)
    if let kept, !kept.asks(assignment) { throw secondQuestion(assignment, after: kept.files) }
    if kept == nil, attempt(at: assignment.id) == 1, try earlier.contradict(assignment) {
      throw secondQuestion(assignment, after: [:])
    }
    if let ending, try keptAnswer(to: assignment) == nil {
      throw ConsiliumError(
        refusing: assignment,
        "the study was \(ending) at this site and does not begin again; the question of the kind '\(kind)' in round "
          + "\(assignment.id.round) of arm '\(arm)' was not answered before, so nothing was computed")
    }
    if kept == nil { try save(KeptQuestion(assignment), at: assignment.id, kind) }
  }

  func answer(to assignment: Assignment) throws -> StageMessage? {
    try keptAnswer(to: assignment)?.message(from: store)
  }

  /// The answer that was given to exactly this question; `nil` if there is none.
  private func keptAnswer(to assignment: Assignment) throws -> KeptAnswer? {
    let (id, kind) = (assignment.id, assignment.message.kind)
    if let kept = try question(at: id, kind), !kept.asks(assignment) { return nil }
    // A new attempt that asks the same gets the same answer.
    for number in questions.keys.sorted(by: >) where number <= attempt(at: id) {
      if let kept = try questions[number]?.question(at: id, kind), kept.asks(assignment),
        let answer = kept.answer
      {
        return answer
      }
    }
    return try earlier.answer(to: assignment)
  }

  private func attempt(at id: Assignment.ID) -> Int { attempts.number(of: id.round) }

  /// The question in a place, of the attempt to which its round belongs.
  private func question(at id: Assignment.ID, _ kind: StageMessage.Kind) throws -> KeptQuestion? {
    try questions[attempt(at: id)]?.question(at: id, kind)
  }

  private func save(_ question: KeptQuestion, at id: Assignment.ID, _ kind: StageMessage.Kind) throws {
    try questions[attempt(at: id)]?.save(question, at: id, kind)
  }

  private func secondQuestion(_ assignment: Assignment, after files: [String: String]) -> ConsiliumError {
    let model = assignment.files["model"].map { " about the model \($0.prefix(12))" } ?? ""
    let before = files["model"].map { ", after one about the model \($0.prefix(12))" } ?? ""
    return ConsiliumError(
      refusing: assignment,
      "the coordinator asks a second, different question of the kind '\(assignment.message.kind)' in round "
        + "\(assignment.id.round) of arm '\(arm)'\(model)\(before); a site answers one question of each kind per "
        + "round, so nothing was computed. A coordinator that has lost rounds needs a new attempt ('consilium study "
        + "repeat')")
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

  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) throws -> StageMessage {
    let kind = assignment.message.kind
    var (question, released) = (KeptQuestion(assignment), answer)
    var kept = try KeptAnswer(answer, in: store)
    if let old = try keptAnswer(to: assignment) {
      guard old.hasTensors(of: kept) else { throw cannotRepeat(assignment) }
      // The same bytes as before, including the time of the training.
      (kept, released.facts) = (old, old.facts)
    }
    if !memory.parts.isEmpty { try keep(memory, after: assignment) }
    question.answer = kept
    try save(question, at: assignment.id, kind)
    // An answer without files, such as an evaluation between two rounds, removes no files of others.
    if !kept.files.isEmpty { store.removeAll(except: Set(kept.files.values).union(assignment.files.values)) }
    return released
  }

  private func cannotRepeat(_ assignment: Assignment) -> ConsiliumError {
    ConsiliumError(
      refusing: assignment,
      "this site has answered the question of the kind '\(assignment.message.kind)' in round "
        + "\(assignment.id.round) of arm '\(arm)' before, and the same work now has a different result; a second "
        + "answer does not leave the site. Its program, machine or data have changed since, or the study adds noise"
    )
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
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if a stored question or answer is damaged. Nothing is
  ///   then removed.
  func clear(for id: Assignment.ID, _ kind: StageMessage.Kind, files: [String: String]) throws {
    var names = Set(files.values)
    if let answer = try question(at: id, kind)?.answer { names.formUnion(answer.files.values) }
    names.formUnion(try earlier.files(inThePlaceOf: id))
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
