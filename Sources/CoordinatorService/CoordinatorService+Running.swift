import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles
import StudyAgreement
import StudyProtocol
import StudyRuns

extension CoordinatorService {
  /// Starts waiting studies, up to the maximum number at once.
  func schedule() {
    let running = entries.values.count { $0.task != nil }
    // The earlier run of a study that was resumed at once may still be ending.
    let ready = queue.filter { entries[$0]?.task == nil }
    for id in ready.prefix(max(0, configuration.concurrentStudies - running)) {
      queue.removeAll { $0 == id }
      launch(id)
    }
    changed()
  }

  private func launch(_ id: String) {
    guard let entry = entries[id], entry.task == nil, entry.stored.state.isActive else { return }
    entries[id]?.isUnsettled = false
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

  func runner(
    _ id: String, _ entry: Entry, _ plan: NetworkPlan, _ endpoint: StudyEndpoint,
    events: @escaping RunEventHandler
  ) -> StudyRunner {
    StudyRunner(
      id: id, study: entry.study, plan: plan, agreement: entry.stored.agreement,
      folder: configuration.folder(of: id), endpoint: endpoint,
      board: entry.board, database: database, audit: audit, identity: { [keeper] in keeper.identity },
      patience: configuration.patience, absence: configuration.absence, now: now,
      events: events, began: { try await self.began(id) },
      note: { await self.noteOfRun($0, of: id) }, engine: configuration.engine)
  }

  func endpoint(_ id: String, members: [SiteID], folder: URL) throws -> StudyEndpoint {
    try DurableFolder.create(folder)
    let entry = try entry(id)
    let check = ContributionCheck(study: entry.study, digest: entry.stored.digest)
    return try StudyEndpoint(
      study: id, members: Set(members), folder: transfers(of: id),
      check: { data, contribution in
        let (authority, now) = await (self.authority, self.now())
        try check(data, contribution, by: authority, at: now)
      },
      keep: { [database] data, _ in
        let signed: Signed<ContributionStatement> = try WireJSON.decode(data, "a site's statement")
        try database.save(signed, of: id)
      }, ring: ring(id, plan: try NetworkPlan(entry.study, members: members)))
  }

  /// The models between two sites of a ring. The rehearsal, whose result is discarded, has no such record.
  private func ring(_ id: String, plan: NetworkPlan) -> RingRecords {
    RingRecords { update, assignment, arm, site in
      guard arm != NetworkPlan.rehearsal, assignment.message.kind == .train else { return nil }
      return try plan.exchange(of: arm).model(after: update, to: assignment, from: site)
    } contributions: { [database] arm, round in
      try database.contributions(to: id, arm: arm, round: round)
    }
  }

  private func began(_ id: String) throws {
    // A person may just have paused or aborted the study.
    guard entries[id]?.stored.state.isActive == true else { return }
    try set(.running, of: id)
    entries[id]?.hasBegun = true
    entries[id]?.readinessAsked = nil
  }

  /// Handles an event in a study's rounds.
  func take(_ event: RunEvent, of id: String) {
    entries[id]?.arms.take(event, at: now())
    entries[id]?.readinessAsked = nil
    // The round succeeded, so the earlier obstacle is gone.
    if case .roundCommitted = event {
      noteOfRun("", of: id)
      entries[id]?.storagePauses = 0
    }
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
