import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles

/// The site's journal of one arm on disk: the last answer, and the strategy's states of the last rounds.
///
/// The file of an update counts only while its digest is right, so nothing large is synchronised to disk: after a power cut the
/// site trains again, to the same update.
actor FileSiteJournal<Payload: ParameterGroup>: SiteJournal {
  private struct Answer: Codable {
    var round: Int
    var stage: Int?
    /// The digest of the model's file.
    var model: String
    /// What was asked besides, so that an amended instruction is a new one.
    var seed: UInt64
    /// The file of the update.
    var update: String
    var weight: Double
    var summary: TrainingSummary
  }

  /// The states of so many rounds are kept, for a coordinator that starts again from a copy of some rounds ago.
  private static var keptStates: Int { 4 }

  private let folder: URL
  private let site: SiteID
  private let store: BlobStore

  /// - Parameter store: where updates lie; the transport sends them from there.
  init(folder: URL, site: SiteID, store: BlobStore) throws {
    (self.folder, self.site, self.store) = (folder, site, store)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private var answerFile: URL { folder.appending(path: "answer.json") }

  private var kept: Answer? {
    (try? Data(contentsOf: answerFile)).flatMap { try? CanonicalJSON.decode(Answer.self, from: $0) }
  }

  func update(for assignment: Assignment) throws -> SiteUpdate<Payload>? {
    guard case .train(let instruction, _) = assignment.work, let kept,
      kept.round == assignment.id.round, kept.stage == assignment.id.stage,
      kept.model == assignment.fileDigest, kept.seed == instruction.seed,
      let parts = store.keptParts(named: kept.update)
    else { return nil }
    let update = ModelUpdate<Payload>(
      site: site, round: instruction.round, payload: try parts.group(), weight: kept.weight)
    return SiteUpdate(update, kept.summary)
  }

  func state(before assignment: Assignment) throws -> NamedParts? {
    let (round, wanted) = (assignment.id.round, order(assignment.id))
    let all = try stateFiles()
    let states = all.filter { $0.order < wanted }
    // One of another round came after an update that did not count, or before some that are missing here.
    if let state = states.last(where: { $0.round == round || $0.round == assignment.previousRound }) {
      return try ParameterFile.read(from: state.url)
    }
    guard let previous = assignment.previousRound else { return nil }
    // Another state, or none, would train on as if nothing had happened, to another model.
    let (kept, reason): (Int?, String) =
      if let next = all.first, next.round > previous {
        (next.round, "the coordinator was restored from a copy of too many rounds ago")
      } else {
        (
          states.last?.round,
          "its folder was restored from an older copy, or another agent works on a copy of it"
        )
      }
    throw ConsiliumError(
      .invalidInput,
      "this site has not what its algorithm kept after round \(previous), from which round \(round) starts"
        + (kept.map { ", only that of round \($0)" } ?? "") + "; \(reason). Start the study anew")
  }

  func keep(_ update: SiteUpdate<Payload>, to assignment: Assignment, state: NamedParts) throws {
    guard case .train(let instruction, _) = assignment.work else { return }
    let blob = try store.add(NamedParts(update.update.payload))
    if !state.parts.isEmpty {
      let file = folder.appending(path: "state-\(order(assignment.id)).safetensors")
      try ParameterFile.write(state, to: file)
      // States after this assignment belong to a past that the coordinator has forgotten.
      for old in try stateFiles() where old.order > order(assignment.id) { unlink(old.url.path) }
      // A site whose updates came too late for many rounds still starts from the last that counted.
      for old in try stateFiles().dropLast(Self.keptStates) where old.round != assignment.previousRound {
        unlink(old.url.path)
      }
    }
    let kept = Answer(
      round: assignment.id.round, stage: assignment.id.stage, model: assignment.fileDigest ?? "",
      seed: instruction.seed, update: blob.name, weight: update.update.weight, summary: update.summary)
    try AtomicFile.write(try CanonicalJSON.encode(kept), to: answerFile)
    store.removeAll(except: [blob.name, kept.model])
  }

  /// Lets go of the files of other training than this, which is about to begin from the model with this file's digest and what
  /// comes beside it.
  ///
  /// Who is asked for new work is not asked for the old again, unless the coordinator is restored from a copy; then it is done again.
  func clear(for id: Assignment.ID, model: String, beside: String? = nil) {
    var files = Set([model, beside].compactMap(\.self))
    if let kept, (kept.round, kept.stage, kept.model) == (id.round, id.stage, model) {
      files.insert(kept.update)
    }
    store.removeAll(except: files)
  }

  /// Rounds and stages as one number that grows.
  private func order(_ id: Assignment.ID) -> Int { id.round << 16 | (id.stage ?? 0) }

  private func stateFiles() throws -> [(order: Int, round: Int, url: URL)] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).compactMap {
      url in
      let match = url.lastPathComponent.wholeMatch(of: /state-([0-9]+)\.safetensors/)
      return match.flatMap { Int($0.1) }.map { ($0, $0 >> 16, url) }
    }.sorted { $0.0 < $1.0 }
  }
}
