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

/// Runs one agreed study with its sites over the network, from their readiness to the report.
///
/// What is finished is kept, so that it goes on after a crash or a pause from the last committed round.
struct StudyRunner: Sendable {
  let id: String
  let study: Study
  let plan: NetworkPlan
  let agreement: StudyAgreement
  let folder: URL
  let room: StudyRoom
  let board: ReadinessBoard
  let database: CoordinatorDatabase
  let audit: AuditLog
  let identity: @Sendable () -> Identity
  let patience: Duration
  let absence: Duration
  let now: @Sendable () -> Date
  let events: RunEventHandler
  /// Called once the rehearsal is over and the rounds begin.
  let began: @Sendable () async -> Void
  /// Told what the study waits for; empty once it waits no more.
  let note: @Sendable (String) async -> Void

  /// What a run leaves for those who took part.
  struct Outcome: Sendable {
    var results: StudyResults
    var models: [FinishedModel]
    /// Paths within the results and the files themselves.
    var files: [(path: String, url: URL)]
  }

  var required: Set<SiteID> { study.requiredSites(of: plan.members) }

  /// - Throws: ``ConsiliumError``: `.partial` where a required site is missing, `.cancelled` where the task was cancelled.
  func run() async throws -> Outcome {
    let reports = try await board.wait(for: plan.members, required: required, patience: patience)
    let ready = try admit(reports)
    let sites = ready.map(\.site)
    let store = try openStore()
    do {
      let outcome = try await run(store, ready: ready, sites: sites)
      try await store.close()
      return outcome
    } catch {
      try? await store.close()
      throw error
    }
  }

  func openStore() throws -> RunStore {
    // Of all that were asked: a site that signs late or withdraws changes who takes part, not what the run is of.
    let agreed = try Dictionary(
      uniqueKeysWithValues: agreement.proposal.statement.invited.map {
        ($0, try agreement.proposal.statement.digest())
      })
    let definition = try RunDefinition(
      study: study, studyText: agreement.proposal.text, agreedSites: agreed, arms: plan.arms)
    return try RunStore(folder.appending(path: "run"), for: definition, resume: true)
  }

  private func run(_ store: RunStore, ready: [SiteReadiness], sites: [SiteID]) async throws -> Outcome {
    let (initial, stored) = try await initialModel(ready, store)
    for report in ready { if let data = report.data { try await store.save(data, of: report.site) } }
    let handle: RunEventHandler = { event in
      store.record(event)
      events(event)
    }
    let rounds = try signedRounds(store, initialModel: stored.digest)
    try await rehearse(from: initial, ready: ready, events: events)
    await began()

    let arms = try await runAll(from: initial, sites: sites, journal: rounds, events: handle)
    var tested: [TestedModel] = []
    let finished = arms.compactMap { plan, ending in ending.outcome.map { (plan, $0) } }
    var models: [(ArmPlan, FederationOutcome, StoredModel)] = []
    for (plan, outcome) in finished {
      models.append((plan, outcome, try await store.save(outcome.bestModel, named: plan.name)))
    }
    let tests = try await test(models.map(\.2), with: finished.map(\.1.bestModel), sites: sites, store)
    for ((plan, outcome, model), results) in zip(models, tests) {
      tested.append(TestedModel(plan: plan, outcome: outcome, model: model, test: results))
    }
    return try await finish(tested, arms, ready: ready, store: store, rounds: rounds)
  }

  func signedRounds(_ store: RunStore, initialModel: String) throws -> SignedRounds {
    SignedRounds(
      store: store, database: database, audit: audit, identity: identity, study: id,
      digest: try study.digest(), proposal: agreement.proposal.statement, initialModel: initialModel,
      now: now,
      offered: { [room] model, record in
        try await room.offer(model, in: record.round + 1, of: record.arm)
      },
      committed: { [room] record in
        for contribution in record.contributions {
          guard let digest = contribution.updateDigest else { continue }
          await room.forgetUpdate(digest, of: contribution.site)
        }
      })
  }

  // MARK: Before the rounds

  /// Leaves out the sites that are not ready, unless the study cannot do without them.
  private func admit(_ reports: [SiteReadiness]) throws -> [SiteReadiness] {
    let broken = reports.filter { !$0.isReady }
    let missing = broken.filter { required.contains($0.site) }
    guard missing.isEmpty else {
      let lines = missing.map { "  site '\($0.site)': \($0.obstacles.joined(separator: "; "))" }
      // Pause, so that the signatures stay valid: the site can fix its own data or machine.
      throw ConsiliumError(
        .unavailable,
        (["required sites are not ready; nothing is trained without them:"] + lines).joined(separator: "\n")
          + "\n\(Self.wayOut)")
    }
    let ready = reports.filter(\.isReady)
    let minimum = study.federation.sites.minimum ?? 1
    guard ready.count >= minimum else {
      let lines = broken.map { "\n  site '\($0.site)': \($0.obstacles.joined(separator: "; "))" }
      throw ConsiliumError(
        .unavailable,
        "only \(ready.count) sites are ready; the study needs \(minimum)\(lines.joined())\n\(Self.wayOut)")
    }
    return ready
  }

  /// Instructions for a site that is not ready.
  private static let wayOut =
    "Mend it there and resume the study; the signatures stay valid. 'consilium site check' tries it out"

  /// The weights with which every site would begin, once all agree on them, in the run's folder.
  private func initialModel(_ ready: [SiteReadiness], _ store: RunStore) async throws -> (
    model: ModelParameters, stored: StoredModel
  ) {
    let models = ready.compactMap { report in report.initialModel.map { (report.site, $0) } }
    guard let (first, model) = models.first else {
      throw ConsiliumError(.unavailable, "no site sent the initial weights; \(Self.wayOut)")
    }
    if let other = models.first(where: { $0.1.digest != model.digest }) {
      // Forget all reports: a site that installs another version reports again.
      await board.forgetAll()
      throw ConsiliumError(
        .unavailable,
        "sites '\(first)' and '\(other.0)' would start from different weights; install the same version of Consilium at "
          + "both and resume the study; the signatures stay valid")
    }
    let file = store.folder.model(named: "initial")
    func kept() throws -> ModelParameters { try ParameterFile.readModel(from: file, layout: model.layout) }
    let weights: ModelParameters
    // There already, where the run goes on.
    if let kept = try? kept(), ParameterDigest.sha256(of: kept) == model.digest {
      weights = kept
    } else {
      do {
        weights = try await room.received(file: model.file, layout: model.layout, digest: model.digest)
      } catch {
        // A site sends them before it says that it is ready, so all must say it again.
        await board.forgetAll()
        throw error
      }
    }
    let stored = try await store.save(weights, named: "initial")
    try await room.settle(initial: file)
    // From the run's own file, so that those which the sites sent are free.
    return (try kept(), stored)
  }

  /// One step at every site, through everything that a round goes through; what comes of it is forgotten.
  ///
  /// - Throws: ``ConsiliumError``: `.unavailable` if a required site fails, after which the study can be
  ///   resumed.
  private func rehearse(
    from initial: ModelParameters, ready: [SiteReadiness], events: @escaping RunEventHandler
  )
    async throws
  {
    guard try !database.isRehearsed(id) else { return }
    let settings = try settings(of: NetworkPlan.rehearsal, members: ready.map(\.site))
    let workflow = study.federation.workflow.algorithm()
    let clock = RehearsalClock()
    do {
      _ = try await run(
        workflow.strategy, over: workflow.topology, settings, sites: ready.map(\.site), from: initial,
        journal: InMemoryJournal()
      ) { event in
        clock.take(event)
        events(event)
      }
    } catch let error as ConsiliumError where error.code == .partial {
      throw ConsiliumError(
        .unavailable,
        "the rehearsal failed, and nothing was trained: \(error.message)\n\(Self.wayOut). "
          + "If the study itself is at fault, such as its learning rate, abort it and propose another version",
        cause: error)
    }
    let examples = ready.map { ($0.site, $0.data?.parts.first { $0.part == .training }?.examples ?? 0) }
    try database.save(
      clock.forecast(
        of: study, examples: Dictionary(examples, uniquingKeysWith: { $1 }), modelBytes: 4 * initial.count),
      of: id)
    try database.markRehearsed(id)
    try await audit.append(
      AuditRecord(
        .studyRehearsed, by: identity().party, of: AuditSubject(study: id, digest: try study.digest())),
      at: now())
  }

  // MARK: Rounds

  /// All arms side by side; sites serve them in turn.
  private func runAll(
    from initial: ModelParameters, sites: [SiteID], journal: any RoundJournal,
    events: @escaping RunEventHandler
  ) async throws -> [(plan: ArmPlan, ending: ArmEnding)] {
    let plans = plan.models.filter { plan.members(of: $0).contains(where: sites.contains) }
    return try await ArmEnding.ofAll(plans) { plan in
      try await run(plan, from: initial, sites: sites, journal: journal, events: events)
    }
  }

  private func run(
    _ arm: ArmPlan, from initial: ModelParameters, sites: [SiteID], journal: any RoundJournal,
    events: @escaping RunEventHandler
  ) async throws -> FederationOutcome {
    let members = plan.members(of: arm).filter(sites.contains)
    let settings = try settings(of: arm.name, members: members)
    let workflow = arm.workflow.algorithm()
    return try await run(
      workflow.strategy, over: workflow.topology, settings, sites: members, from: initial, journal: journal,
      events: events)
  }

  /// What the study lays down for an arm. A site that the study can do without holds up no arm for ever, not even the one that is its own.
  private func settings(of arm: String, members: [SiteID]) throws -> FederationSettings {
    var settings = try plan.settings(of: arm, members: members)
    settings.required.formIntersection(required)
    let waits = try SitePatience(
      required: required, patience: patience, absence: absence, forecast: database.forecast(of: id))
    settings.deadline = waits.deadline(of: arm, members: members)
    return settings
  }

  private func run<S: Strategy>(
    _ strategy: S, over topology: any Topology, _ settings: FederationSettings, sites: [SiteID],
    from initial: ModelParameters, journal: any RoundJournal, events: @escaping RunEventHandler
  ) async throws -> FederationOutcome {
    let desk = CoordinatorDesk<S.Combiner.Payload>()
    let coordinator = try Coordinator(
      settings: settings, strategy: strategy, topology: topology, trainers: sites, validators: sites,
      desk: desk, journal: journal, events: events)
    await room.open(desk, arm: settings.arm, layout: initial.layout)
    let result = await Result(awaiting: { try await coordinator.run(from: initial) })
    await desk.close()
    // A cancelled run goes on later: its sites must not take the arm for ended.
    if !Task.isCancelled { await room.end(arm: settings.arm) }
    return try result.get()
  }
}
