import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles
import RunStore
import StudyAgreement
import StudyProtocol

/// The journal of a study's run, which also signs a manifest of every committed round.
///
/// The manifests of an arm are in one file, each linked to the manifest before. If a crash separates a round
/// from its manifest, the manifest is created from the round's record when the arm resumes.
struct SignedRounds: RoundJournal {
  let store: RunStore
  let database: CoordinatorDatabase
  let audit: AuditLog
  let identity: @Sendable () -> Identity
  let study: String
  let digest: String
  let definition: Study
  let proposal: ProposalStatement
  /// The SHA-256 of the weights from which every arm starts.
  let initialModel: String
  let now: @Sendable () -> Date
  /// Offers a round's model to the sites for the next round. Returns the digest of its file.
  let offered: @Sendable (ModelParameters, RoundRecord) async throws -> String
  /// Shows the manifests of an arm to the sites.
  let shown: @Sendable ([Signed<RoundManifest>], _ arm: String) async -> Void
  /// Called once a round is committed, so that the files that the sites sent for it can be removed.
  let committed: @Sendable (RoundRecord) async -> Void

  func commit(_ checkpoint: RoundCheckpoint) async throws -> ModelParameters? {
    try await check(checkpoint.record)
    let stored = try await store.commit(checkpoint)
    // Hash the file once, both for the manifest and for the sites that fetch it.
    var file: String?
    if let stored { file = try await offered(stored, checkpoint.record) }
    try await signMissing(of: checkpoint.record.arm, lastFile: file)
    await shown(try manifests(of: checkpoint.record.arm), checkpoint.record.arm)
    await committed(checkpoint.record)
    return stored
  }

  func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) async throws -> [SiteID] {
    try await store.commit(sites, of: arm, at: id)
  }

  func lastCheckpoint(of arm: String) async throws -> RoundCheckpoint? {
    let last = try await store.lastCheckpoint(of: arm)
    if last != nil { try await signMissing(of: arm) }
    await shown(try manifests(of: arm), arm)
    return last
  }

  func bestModel(of arm: String) async throws -> ModelParameters? { try await store.bestModel(of: arm) }

  func records(of arm: String) async throws -> [RoundRecord] { try await store.records(of: arm) }

  // MARK: The next manifest

  var fixesModels: Bool { true }

  func digest(ofMessage message: NamedParts) -> String? { BlobDescriptor.name(ofFileWith: message) }

  /// Signs the manifest of a round before its model is validated, so that the sites can verify the model.
  func fix(_ record: RoundRecord, model: ModelParameters) async throws {
    let arm = record.arm
    let signed = try manifests(of: arm).filter { $0.statement.round < record.round }
    var next = try nextManifest(of: arm)
    if try next?.states(record, after: signed.last) != true {
      try await check(record)
      let manifest = try await manifest(
        of: record, file: try await offered(model, record), after: signed.last?.statement)
      let fresh = try sign(manifest)
      try AtomicFile.write(try CanonicalJSON.encode(fresh, pretty: true), to: nextFile(of: arm))
      next = fresh
    }
    await shown(signed + [next].compactMap(\.self), arm)
  }

  func fixedRound(_ round: Int, of arm: String) async throws -> FixedRound? {
    guard let next = try nextManifest(of: arm)?.statement, next.round == round else { return nil }
    return FixedRound(
      sites: next.contributions.map(\.statement.site),
      dropped: next.dropped.map { DroppedSite(site: $0.site, reason: $0.reason) })
  }

  private func nextManifest(of arm: String) throws -> Signed<RoundManifest>? {
    try Self.nextManifest(of: arm, in: store.folder)
  }

  /// The manifest of a round that was signed before its validation; `nil` if there is none.
  static func nextManifest(of arm: String, in folder: RunFolder) throws -> Signed<RoundManifest>? {
    let file = nextFile(of: arm, in: folder)
    guard let data = try? Data(contentsOf: file) else { return nil }
    do {
      return try CanonicalJSON.decode(Signed<RoundManifest>.self, from: data)
    } catch {
      throw ConsiliumError(
        .storage, "'\(file.path(percentEncoded: false))' is damaged; restore it from a backup", cause: error)
    }
  }

  private func nextFile(of arm: String) -> URL { Self.nextFile(of: arm, in: store.folder) }

  static func nextFile(of arm: String, in folder: RunFolder) -> URL {
    folder.manifests(of: arm).deletingPathExtension().appendingPathExtension("next.json")
  }

  private func sign(_ manifest: RoundManifest) throws -> Signed<RoundManifest> {
    let identity = identity()
    return try Signed(manifest) { (data) throws(ConsiliumError) in try identity.sign(data, at: now()) }
  }

  // MARK: Manifests

  func manifests(of arm: String) throws -> [Signed<RoundManifest>] {
    guard let data = try AtomicFile.contents(of: file(of: arm)) else { return [] }
    do {
      return try CanonicalJSON.decode([Signed<RoundManifest>].self, from: data)
    } catch {
      throw ConsiliumError(
        .storage, "'\(file(of: arm).path(percentEncoded: false))' is damaged; restore it from a backup",
        cause: error)
    }
  }

  /// The coordinator's statement that an arm has ended; `nil` for rounds of version 0.1.
  ///
  /// - Parameters:
  ///   - round: the round whose model is the result.
  ///   - model: the SHA-256 of the resulting model's parameters, in hexadecimal.
  func conclusion(of arm: String, round: Int, model: String, isComplete: Bool) throws -> Signed<
    ArmConclusion
  >? {
    guard let last = try manifests(of: arm).last?.statement, last.isAnchored else { return nil }
    let identity = identity()
    let conclusion = try ArmConclusion(
      after: last, time: now(), round: round, model: model, isComplete: isComplete)
    return try Signed(conclusion) { (data) throws(ConsiliumError) in try identity.sign(data, at: now()) }
  }

  private func file(of arm: String) -> URL { store.folder.manifests(of: arm) }

  /// - Parameter lastFile: the digest of the file of the last round's model, if known.
  private func signMissing(of arm: String, lastFile: String? = nil) async throws {
    let records = try await store.records(of: arm)
    var signed = try manifests(of: arm, matching: records)
    let missing = records.filter { record in !signed.contains { $0.statement.round == record.round } }
    guard !missing.isEmpty else { return }
    for record in missing {
      if let next = try nextManifest(of: arm), try next.states(record, after: signed.last) {
        signed.append(next)
        continue
      }
      let file = try (record.round == records.last?.round ? lastFile : nil) ?? fileDigest(after: record)
      signed.append(try sign(try await manifest(of: record, file: file, after: signed.last?.statement)))
    }
    try AtomicFile.write(try CanonicalJSON.encode(signed, pretty: true), to: file(of: arm))
  }

  /// The manifests of these rounds. A round that was discarded because its file was damaged is trained and
  /// signed again.
  private func manifests(of arm: String, matching records: [RoundRecord]) throws -> [Signed<RoundManifest>] {
    try manifests(of: arm).filter { old in
      records.contains {
        $0.round == old.statement.round && $0.modelDigest == old.statement.modelAfter
      }
    }
  }

  /// Refuses a round that the finished study could not prove, before it is committed.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable`: the study pauses, and its sites can answer again.
  private func check(_ record: RoundRecord) async throws {
    let arm = record.arm
    let signed = try manifests(of: arm, matching: try await store.records(of: arm))
    let chain = ManifestChain(
      study: digest, arm: arm, manifests: signed, required: proposal.required(in: arm, of: definition),
      weighting: WeightRule(definition, arm: arm))
    // The model's file and the log's entry exist only after the commit, and prove nothing about this round.
    let draft = try draft(of: record, file: "", auditHead: nil, after: signed.last?.statement)
    if let fault = chain.faults(ofNext: draft, by: identity().authority, at: now()).first {
      throw unproven(record, fault.message)
    }
  }

  private func unproven(_ record: RoundRecord, _ why: String) -> ConsiliumError {
    ConsiliumError(
      .unavailable,
      "round \(record.round) of arm '\(record.arm)' was not committed, since nobody could verify its model: \(why). "
        + "Resume the study to repeat the round")
  }

  private func manifest(of record: RoundRecord, file: String, after previous: RoundManifest?) async throws
    -> RoundManifest
  {
    let head = try await audit.append(
      AuditRecord(
        .roundCommitted, by: identity().party,
        of: AuditSubject(study: study, digest: digest, arm: record.arm, round: record.round),
        details: [
          "model": record.modelDigest,
          "contributors": record.contributions.map(\.site.rawValue).joined(separator: ", "),
          "dropped": record.dropped.map(\.site.rawValue).joined(separator: ", "),
        ].filter { !$0.value.isEmpty }), at: now())
    return try draft(of: record, file: file, auditHead: head, after: previous)
  }

  private func draft(
    of record: RoundRecord, file: String, auditHead head: AuditAnchor?, after previous: RoundManifest?
  ) throws -> RoundManifest {
    let contributions = try statements(about: record)
    // A round that a coordinator of version 0.1 committed but did not sign has statements of that version.
    let isAnchored = contributions.allSatisfy { $0.statement.auditHead != nil }
    // The sites verify the first message, and sign with which message they trained.
    let message = previous?.messageAfter ?? contributions.first?.statement.message
    // Statements of sites before this version do not name what this version signs.
    let isComplete =
      (message != nil && record.messageDigest != nil)
      || contributions.allSatisfy { $0.statement.result != nil }
    return try RoundManifest(
      study: digest, arm: record.arm, round: record.round, time: now(),
      modelBefore: previous?.modelAfter ?? initialModel, modelAfter: record.modelDigest,
      fileBefore: try previous?.fileAfter ?? BlobDescriptor.name(of: store.folder.model(named: "initial")),
      fileAfter: file, messageBefore: message, messageAfter: record.messageDigest,
      contributions: contributions,
      dropped: record.dropped.map { .init(site: $0.site, reason: $0.reason) },
      required: proposal.required(in: record.arm, of: definition), auditHead: head, after: previous,
      rules: isAnchored ? isComplete ? RoundManifest.completeRules : RoundManifest.currentRules : nil)
  }

  /// The sites' statements about the updates of a round, in the order in which the updates were folded.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if a statement is missing.
  private func statements(about record: RoundRecord) throws -> [Signed<ContributionStatement>] {
    let known = try database.contributions(to: study, arm: record.arm, round: record.round)
    return try record.contributions.map { contribution in
      let statement = known.first {
        $0.statement.site == contribution.site && $0.statement.update == contribution.updateDigest
      }
      guard let statement else {
        throw unproven(record, "the statement of site '\(contribution.site)' about its update is missing")
      }
      return statement
    }
  }

  private func fileDigest(after record: RoundRecord) throws -> String {
    let file = store.folder.checkpoint(record.modelDigest)
    if FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) {
      return try BlobDescriptor.name(of: file)
    }
    // The model file is gone, but the next round's contributions name the file that the sites started from.
    let next = try database.contributions(to: study, arm: record.arm, round: record.round + 1)
    guard let base = next.first(where: { $0.statement.stage == 0 })?.statement.base else {
      throw ConsiliumError(
        .storage,
        "the manifest of round \(record.round) is lost, and so is its model '\(file.path(percentEncoded: false))'; "
          + "restore either from a backup")
    }
    return base
  }
}

extension Signed<RoundManifest> {
  /// Whether this is the manifest of a round with this record, linked to `previous`.
  fileprivate func states(_ record: RoundRecord, after previous: Signed<RoundManifest>?) throws -> Bool {
    try statement.previous == previous?.statement.digest() && statement.round == record.round
      && statement.modelAfter == record.modelDigest
      && statement.contributions.map(\.statement.update) == record.contributions.compactMap(\.updateDigest)
  }
}
