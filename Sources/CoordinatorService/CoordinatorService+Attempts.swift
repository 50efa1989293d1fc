import AuditLog
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import RunStore
import StudyAgreement
import StudyRuns

/// New attempts at rounds that this coordinator has lost, for example because it was restored from a backup.
extension CoordinatorService {
  /// Signs a new attempt, shows it to the sites, and resumes the study.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the study allows no further attempt.
  func beginAttempt(at id: String, because reason: String, by peer: Party) async throws {
    let state = try self.entry(id).stored.state
    if state == .running || state == .rehearsing {
      _ = try await control(.pause, study: id, reason: "a new attempt begins", by: peer)
    }
    let entry = try self.entry(id)
    func refuse(_ what: String) -> ConsiliumError { ConsiliumError(.invalidInput, "study '\(id)' \(what)") }
    guard entry.stored.state == .paused else {
      throw refuse("is \(entry.stored.state.rawValue), so there are no rounds to repeat")
    }
    let (number, limit) = (entry.stored.attempts.count + 2, entry.study.federation.allowedAttempts)
    guard number <= limit else {
      throw refuse("allows \(limit) attempts (federation.attempts), and this would be number \(number)")
    }
    let statement = AttemptStatement(
      study: entry.stored.digest, number: number, time: now(), reason: reason, after: committedRounds(entry))
    let (identity, time) = (currentIdentity, now())
    let signed = try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: time) }
    try await enter(
      AuditRecord(
        .attemptBegun, by: peer, of: AuditSubject(study: id, digest: entry.stored.digest),
        details: ["attempt": "\(number)", "reason": reason].filter { !$0.value.isEmpty }))
    try commit(StudyChange(attempts: entry.stored.attempts + [signed]), of: id)
    forgetFixedRounds(entry)
    try await resume(id, by: peer)
  }

  /// Whether a round that is not committed yet was fixed with the update of this site.
  func hasFixedRound(with site: SiteID, of id: String) throws -> Bool {
    let entry = try self.entry(id)
    let folder = RunFolder(configuration.folder(of: id).appending(path: "run"))
    let committed = committedRounds(entry)
    return try (entry.plan?.models ?? []).contains { arm in
      guard let next = try SignedRounds.nextManifest(of: arm.name, in: folder)?.statement else {
        return false
      }
      let sites = next.contributions.map(\.statement.site)
      return next.round > committed[arm.name] ?? 0 && sites.contains(site)
    }
  }

  /// Repeats rounds without a site that has withdrawn: the sites have already verified a model with its
  /// update.
  func replaceFixedRounds(without site: SiteID, of id: String) async throws {
    let reason = "site '\(site)' has withdrawn, and the round's model contains its update"
    try set(.paused, reason: reason, of: id)
    do {
      try await beginAttempt(at: id, because: reason, by: party)
    } catch let error as ConsiliumError where error.code == .invalidInput {
      try set(.paused, reason: "\(reason); \(error.message)", of: id)
    }
  }

  /// The last committed round of each arm.
  private func committedRounds(_ entry: Entry) -> [String: Int] {
    let run = configuration.folder(of: entry.stored.id).appending(path: "run")
    guard let plan = entry.plan, let reader = try? RunReader(run) else { return [:] }
    let rounds = plan.models.map { ($0.name, (try? reader.lastRound(of: $0.name)) ?? 0) }
    return Dictionary(uniqueKeysWithValues: rounds).filter { $0.value > 0 }
  }

  /// Removes the manifests that were signed before their rounds were committed: the new attempt signs its
  /// own.
  private func forgetFixedRounds(_ entry: Entry) {
    let folder = RunFolder(configuration.folder(of: entry.stored.id).appending(path: "run"))
    for arm in entry.plan?.models ?? [] {
      try? FileManager.default.removeItem(at: SignedRounds.nextFile(of: arm.name, in: folder))
    }
  }
}
