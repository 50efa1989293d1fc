import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyAgreement
import StudyProtocol
import StudyRuns

extension CoordinatorService {
  /// Starts waiting studies, up to the maximum number at once.
  func schedule() {
    let running = entries.values.count { $0.task != nil }
    for id in queue.prefix(max(0, configuration.concurrentStudies - running)) {
      queue.removeAll { $0 == id }
      launch(id)
    }
    changed()
  }

  private func launch(_ id: String) {
    guard let entry = entries[id], entry.task == nil else { return }
    entries[id]?.task = Task {
      let ending = await Result(awaiting: { try await self.run(id) })
      await self.ended(id, ending)
    }
  }

  private func run(_ id: String) async throws -> StudyRunner.Outcome {
    let entry = try entry(id)
    guard let plan = entry.plan else {
      throw ConsiliumError(.partial, "not all required sites have signed the study")
    }
    let folder = configuration.folder(of: id)
    let endpoint = try endpoint(id, members: plan.members, folder: folder)
    let weights = try givenWeights(of: id)
    if let weights { entries[id]?.initialWeights = try await endpoint.offer(weights) }
    entries[id]?.endpoint = endpoint
    entries[id]?.readinessAsked = now()
    await entry.board.forgetUnready()
    changed()
    // Process the events in order. With a task for each, one event could overtake another.
    let (events, sink) = AsyncStream.makeStream(of: RunEvent.self)
    let relay = Task { for await event in events { self.take(event, of: id) } }
    var runner = runner(id, entry, plan, endpoint) { sink.yield($0) }
    runner.givenWeights = weights
    let spool = ParameterSpool(folder: folder.path(percentEncoded: false))
    let result = await Result(awaiting: { [runner] in
      try await VectorSpool.$current.withValue(spool) { try await runner.run() }
    })
    sink.finish()
    await relay.value
    return try result.get()
  }

  private func runner(
    _ id: String, _ entry: Entry, _ plan: NetworkPlan, _ endpoint: StudyEndpoint,
    events: @escaping RunEventHandler
  ) -> StudyRunner {
    StudyRunner(
      id: id, study: entry.study, plan: plan, agreement: entry.stored.agreement,
      folder: configuration.folder(of: id), endpoint: endpoint,
      board: entry.board, database: database, audit: audit, identity: { [keeper] in keeper.identity },
      patience: configuration.patience, absence: configuration.absence, now: now,
      events: events, began: { await self.began(id) },
      note: { await self.note($0, of: id) })
  }

  private func endpoint(_ id: String, members: [SiteID], folder: URL) throws -> StudyEndpoint {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let digest = try entry(id).stored.digest
    return try StudyEndpoint(
      study: id, members: Set(members), folder: transfers(of: id)
    ) { [database] data, contribution in
      let signed: Signed<ContributionStatement> = try WireJSON.decode(data, "a site's statement")
      let statement = signed.statement
      guard statement.study == digest, statement.arm == contribution.arm,
        statement.round == contribution.id.round, statement.stage == contribution.id.stage ?? 0,
        statement.site == contribution.site, statement.update == contribution.updateDigest,
        statement.weight == contribution.weight, statement.examples == contribution.exampleCount
      else {
        throw ConsiliumError(
          .invalidUpdate,
          "the statement of site '\(contribution.site)' does not match the update that came with it"
        )
      }
      let (authority, now) = await (self.authority, self.now())
      try signed.verify(by: authority, from: Party(role: .site, name: contribution.site.rawValue), at: now)
      try database.save(signed, of: id)
    }
  }

  private func began(_ id: String) {
    entries[id]?.hasBegun = true
    entries[id]?.readinessAsked = nil
    try? set(.running, of: id)
  }

  private func ended(_ id: String, _ ending: Result<StudyRunner.Outcome, any Error>) async {
    entries[id]?.task = nil
    entries[id]?.arms.rest()
    entries[id]?.readinessAsked = nil
    let subject = AuditSubject(study: id, digest: entries[id]?.stored.digest)
    do {
      switch ending {
      case .success(let outcome):
        entries[id]?.models = outcome.models
        entries[id]?.files = outcome.files
        var reason = ""
        if case .partial(_, let why) = outcome.results.status { reason = why }
        // The final models are on disk and offered, so the files of the rounds are no longer needed.
        await entries[id]?.endpoint?.clear()
        try set(reason.isEmpty ? .finished : .failed, reason: reason, of: id)
        try await audit.append(
          AuditRecord(
            .studyEnded, by: party, of: subject,
            details: Dictionary(
              outcome.models.map { ("model \($0.name)", $0.digest) }, uniquingKeysWith: { $1 })),
          at: now())
      case .failure(let error):
        let error = ConsiliumError(wrapping: error)
        await entries[id]?.endpoint?.close()
        entries[id]?.endpoint = nil
        if error.code == .cancelled { break }
        if error.code == .storage || error.code == .unavailable {
          // Pause the study, so that no finished work is lost. A person must free disk space, or make a
          // site's data reachable again, and then resume it.
          try? set(.paused, reason: error.message, of: id)
          break
        }
        try set(.failed, reason: error.message, of: id)
        await salvage(id, "failed: \(error.message)")
        try await audit.append(
          AuditRecord(.studyEnded, by: party, of: subject, details: ["reason": error.message]), at: now())
      }
      try await audit.seal(at: now())
    } catch {
      // The state could not be saved, for example on a full disk. The saved state is unchanged, so the study
      // can be started again.
      note(ConsiliumError(wrapping: error).message, of: id)
    }
    schedule()
  }

  /// Removes the files in transfer of a study that will not continue.
  func removeTransfers(of id: String) {
    try? FileManager.default.removeItem(at: transfers(of: id))
  }

  /// Offers the finished part of a study that ended early, if there is any.
  func salvage(_ id: String, _ ending: String) async {
    removeTransfers(of: id)
    guard let entry = entries[id],
      // After a site has withdrawn, the agreement may no longer be valid. Earlier results stay available.
      let plan = entry.plan ?? (try? NetworkPlan(entry.study, members: entry.stored.agreement.signers))
    else { return }
    let folder = configuration.folder(of: id)
    let run = RunFolder(folder.appending(path: "run"))
    guard FileManager.default.fileExists(atPath: run.database.path(percentEncoded: false)) else { return }
    do {
      let endpoint = try endpoint(id, members: plan.members, folder: folder)
      guard let outcome = try await runner(id, entry, plan, endpoint, events: { _ in }).salvage(ending) else {
        return
      }
      entries[id]?.endpoint = endpoint
      entries[id]?.files = outcome.files
      changed()
    } catch {
      let fault = "the finished part cannot be offered: \(ConsiliumError(wrapping: error).message)"
      note(entry.stored.reason.isEmpty ? fault : "\(entry.stored.reason); \(fault)", of: id)
    }
  }

  private func transfers(of id: String) -> URL { configuration.folder(of: id).appending(path: "transfer") }

  /// Offers the models of a study that has ended to its participants.
  func reopen(_ id: String) async throws {
    guard let plan = entries[id]?.plan else { return }
    let folder = configuration.folder(of: id)
    let endpoint = try endpoint(id, members: plan.members, folder: folder)
    entries[id]?.endpoint = endpoint
    let hasModels = entries[id]?.stored.state != .aborted
    for arm in plan.models {
      let file = RunFolder(folder.appending(path: "run")).model(named: arm.name)
      let manifestURL = ManifestFile.url(forModel: file)
      guard let data = try? Data(contentsOf: manifestURL) else { continue }
      let manifest = try ManifestFile(json: data, file: manifestURL.lastPathComponent)
      if hasModels {
        entries[id]?.models.append(
          FinishedModel(
            name: arm.name, digest: manifest.model, file: try await endpoint.offer(file),
            manifest: try await endpoint.offer(manifestURL)))
      }
      for url in [file, manifestURL] {
        entries[id]?.files.append(("models/" + url.lastPathComponent, url))
      }
    }
    for name in Report.fileNames {
      let url = folder.appending(path: "run").appending(path: name)
      if FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) {
        entries[id]?.files.append((name, url))
      }
    }
  }

  /// Handles an event in a study's rounds.
  func take(_ event: RunEvent, of id: String) {
    entries[id]?.arms.take(event, at: now())
    entries[id]?.readinessAsked = nil
    // The round succeeded, so the earlier obstacle is gone.
    if case .roundCommitted = event { note("", of: id) }
    if let data = try? WireJSON.encode(StudyRunEvent(study: id, event: event)) { hub.send(data, of: id) }
  }
}

/// An event in a study's rounds, encoded with the study's id as one flat object.
private struct StudyRunEvent: Encodable {
  var study: String
  var event: RunEvent

  private enum CodingKeys: String, CodingKey { case study }

  func encode(to encoder: any Encoder) throws {
    try event.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(study, forKey: .study)
  }
}
