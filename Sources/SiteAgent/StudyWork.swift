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
import WorkerProtocol

/// A site's part in one running study: its data check, its workers, and its sessions in all arms.
struct StudyWork: Sendable {
  let notice: StudyNotice
  /// The plan that the site agreed to, with all invited sites.
  let plan: NetworkPlan
  let agreed: AgreedStudy
  /// The digest of the signed file of initial weights; `nil` if the site creates them from the study's seed.
  let initialWeights: String?
  /// The sites that every round of an arm requires.
  let required: @Sendable (_ arm: String) -> [SiteID]
  /// Throws once the site no longer agrees to the study.
  let stillAgrees: @Sendable () throws -> Void
  /// How the study ended at this site. The site then only repeats its answers; `nil` if it has not ended.
  let ending: StudyCourse.Ending?
  /// The coordinator's attempts after the first.
  let attempts: [SignedAttempt]
  let site: SiteID
  let folder: URL
  let client: CoordinatorClient
  let policy: SitePolicy
  /// The gate for everything that leaves the site for this study.
  let gate: ReleaseGate
  let identity: @Sendable () -> Identity
  let audit: AuditLog
  let refusals: RefusalLog
  let configuration: AgentConfiguration
  /// Sent whenever the coordinator has restarted.
  let starts: Signal
  /// The seconds by which this clock is ahead of the coordinator's.
  let clockSkew: Double
  let now: @Sendable () -> Date
  let log: @Sendable (String) -> Void

  var study: Study { plan.study }

  /// Takes part until the study's arms have ended or the task is cancelled.
  ///
  /// - Returns: `false` if this site is not ready to take part.
  func run() async throws -> Bool {
    let logs = folder.appending(path: "logs")
    try DurableFolder.create(logs)
    let pool = WorkerPool(
      WorkerConfiguration(
        executable: configuration.workerExecutable ?? WorkerConfiguration.besideThisProgram(),
        threads: study.training.threads, device: policy.resources.device, logDirectory: logs,
        // Retry often: nobody is there to restart a study after a brief shortage of memory.
        attempts: 6),
      count: configuration.workers)
    let result = await Result(awaiting: { try await run(on: pool) })
    await pool.shutDown()
    return try result.get()
  }

  private func run(on pool: WorkerPool) async throws -> Bool {
    let session = OpenSession(
      session: site.rawValue, study: try study.canonicalJSON(), sites: [agreed.site],
      dataRoot: agreed.dataRoot,
      seed: study.header.seed,
      cacheBytes: Int(ProcessInfo.processInfo.physicalMemory / 4) / configuration.workers,
      patientSalt: try AgentFolder(configuration.folder).patientSalt())
    // Arms become folder names, so accept only the arms of the signed study.
    let own = plan.arms(of: site)
    guard notice.arms.allSatisfy(own.contains) else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator's arms for this site differ from those of the signed study; the site ignores the study"
      )
    }
    let start = starts.count
    guard let (initial, readiness) = try await prepare(session, on: pool) else { return false }
    let arms = EndedArms(count: notice.arms.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for arm in notice.arms {
        group.addTask { try await attend(to: arm, in: session, on: pool, from: initial, arms) }
      }
      group.addTask { try await watchAgreement() }
      group.addTask { try await followStarts(after: start, telling: readiness, arms) }
      // An error in one arm also ends the other arms, so that all arms restart together.
      for _ in notice.arms { try await group.next() }
      group.cancelAll()
    }
    return true
  }

  /// Throws once the site no longer agrees.
  ///
  /// After a withdrawal, neither a waiting update nor a progress report may leave the site. A command in
  /// another process withdraws by changing a file. There is no signal to wait for, so the file is polled.
  private func watchAgreement() async throws {
    while true {
      try stillAgrees()
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// Reports the site's readiness again whenever the coordinator restarts, and lets ended arms begin again.
  ///
  /// A coordinator restored from a backup may not know that this site is ready.
  private func followStarts(
    after start: Int, telling readiness: Released<SiteReadiness>, _ arms: EndedArms
  ) async throws {
    var told = start
    while true {
      await starts.wait(after: told)
      try Task.checkCancellation()
      told = starts.count
      arms.changes.send()
      try await client.report(readiness, study: notice.study)
    }
  }

  // MARK: Readiness

  /// Checks the data, creates the initial weights, and reports the site's readiness to the coordinator.
  ///
  /// - Returns: the initial weights and the sent report; `nil` if the site is not ready.
  private func prepare(_ session: OpenSession, on pool: WorkerPool) async throws
    -> (Start, Released<SiteReadiness>)?
  {
    var start: Start?
    var readiness = SiteReadiness(of: site, freeDiskOf: folder, clockSkew: clockSkew)
    readiness.isGenerated = try SiteDefinition(canonicalJSON: agreed.site)
      .isGenerated(in: URL(fileURLWithPath: agreed.dataRoot, isDirectory: true))
    do {
      readiness.engine = try await pool.engine()
      let description = try await pool.check(
        session, minimumPatients: policy.release.minimumPatients)
      // The sizes of the sets leave only once the site is ready; staff may still correct the data.
      readiness.data = description.withoutSizes
      readiness.obstacles = gate.release(description.withoutSizes).content.findings.filter {
        $0.severity == .error
      }
      .map(\.description)
      // Check the policy again, now that the numbers of patients are known.
      readiness.obstacles += policy.objections(to: study, patients: description.parts.patients)
        .filter { $0.effect == .refuses }.map { "the site's policy refuses it: \($0.message)" }
      if readiness.obstacles.isEmpty { readiness.obstacles += try similarSets(description) }
      if readiness.obstacles.isEmpty {
        readiness.data = description
        let trainer = WorkerTrainer(
          pool: pool, session: session,
          exchange: try ExchangeFolder(folder.appending(path: "exchange/initial")))
        let initial = try await initialModel(trainer)
        let store = try BlobStore(folder.appending(path: "transfer/initial"))
        defer { store.removeAll() }
        let blob = try store.add(NamedParts(initial))
        try await client.send(blob, of: notice.study, from: store, isInitial: true)
        readiness.initialModel = .init(
          digest: ParameterDigest.sha256(of: initial), file: blob.name, layout: initial.layout)
        start = readiness.initialModel.map {
          Start(model: initial, link: ChainLink(initialModel: $0.digest, file: $0.file))
        }
        if let limit = sizeLimit, initial.count > limit {
          readiness.obstacles.append(
            "the model has \(initial.count) parameters; the site's policy allows \(limit)")
        }
      }
    } catch let obstacle as Obstacle {
      readiness.obstacles.append(obstacle.text)
    } catch let error as ConsiliumError where error.code != .cancelled {
      readiness.obstacles.append(gate.release(error).content.message)
    }
    try Task.checkCancellation()
    let report = gate.release(readiness)
    try await client.report(report, study: notice.study)
    for obstacle in readiness.obstacles { log("study \(notice.study): not ready: \(obstacle)") }
    guard readiness.isReady, let start else { return nil }
    return (start, report)
  }

  /// The weights that every arm starts from: the weights in the signed file, or new weights from the study's
  /// seed.
  private func initialModel(_ trainer: WorkerTrainer) async throws -> ModelParameters {
    let own = try await trainer.initialise()
    guard let signed = initialWeights else { return own }
    guard let blob = notice.initialWeights, blob.name == signed else {
      throw Obstacle(text: "the coordinator does not offer the initial weights that were signed")
    }
    let store = try BlobStore(folder.appending(path: "transfer/weights"))
    try await client.fetch(blob, of: notice.study, into: store)
    do {
      return try ParameterFile.readModel(from: store.url(of: blob), layout: own.layout)
    } catch {
      log("study \(notice.study): \(error.message)")
      throw Obstacle(text: "the study's file of initial weights does not match its model")
    }
  }

  /// The objection to data that are almost those of an earlier release.
  private func similarSets(_ description: SessionDescription) throws -> [String] {
    let minimum = policy.release.minimumPatients
    let released = try gate.release(entering: description).content.parts.map(\.part)
    let withheld = description.parts.filter { $0.patients >= minimum && !released.contains($0.part) }
    return withheld.map { "the \($0.part.rawValue) set: \(ReleaseGate.tooSimilar(minimum))" }
  }

  private var sizeLimit: Int? { policy.accept.maximumParameters }

  // MARK: Arms

  /// Serves an arm until all arms have ended. If the coordinator restarts, the arm is served again: a
  /// coordinator restored from a backup may repeat an arm that has ended here.
  private func attend(
    to arm: String, in session: OpenSession, on pool: WorkerPool, from initial: Start, _ arms: EndedArms
  ) async throws {
    while true {
      let start = starts.count
      try await serve(arm, in: session, on: pool, from: initial)
      arms.insert(arm)
      while starts.count == start {
        let seen = arms.changes.count
        if arms.areAll { return }
        if starts.count != start { break }
        await arms.changes.wait(after: seen)
        try Task.checkCancellation()
      }
      arms.remove(arm)
    }
  }

  private func serve(
    _ arm: String, in session: OpenSession, on pool: WorkerPool, from initial: Start
  ) async throws {
    let isTest = arm == NetworkPlan.tests
    let stages = try plan.stages(of: arm)
    let client = client
    let study = notice.study
    let throttle = Throttle()
    let gate = arm == NetworkPlan.rehearsal ? gate.rehearsing : gate.noting(norms(of: arm))
    let store = try BlobStore(folder.appending(path: "transfer/\(arm)"))
    let exchange = try ExchangeFolder(folder.appending(path: "exchange/\(arm)"), spares: store.spares)
    var worker = WorkerTrainer(
      pool: pool, session: session, exchange: exchange,
      replicates: isTest ? self.study.evaluation.bootstrap.replicates : 0
    ) { round, progress in
      guard throttle.passes() else { return }
      let news = gate.release(progress)
      Task { await client.report(news, study: study, arm: arm, round: round) }
    }
    worker.minimumPatients = policy.release.minimumPatients
    let tester = IntervalTrainer(
      base: worker,
      intervals: PairedIntervals(
        file: folder.appending(path: "own-test-results.json"), study: self.study, rules: gate.rules))
    let trainer = PolicyTrainer(base: tester, policy: policy, now: now)
    if arm == NetworkPlan.rehearsal {
      try await serve(
        arm, stages, RehearsalTrainer(base: trainer), gate, from: initial, store: store,
        exchange: exchange)
    } else {
      try await serve(
        arm, stages, WatchedTrainer(base: trainer, watch: models(of: arm)), gate, from: initial,
        store: store, exchange: exchange)
    }
    // Remove the last model: later arms may need its disk space.
    await exchange.clear()
  }

  private func serve(
    _ arm: String, _ stages: StageRegistry, _ trainer: some LocalTrainer, _ gate: ReleaseGate,
    from initial: Start, store: BlobStore, exchange: ExchangeFolder
  ) async throws {
    let journal = try FileSiteJournal(
      folder: folder.appending(path: "journal/\(arm)"), site: site, store: store, ending: ending,
      attempts: attempts(at: arm))
    let session = SiteSession(site: site, stages: stages, trainer: trainer, gate: gate, journal: journal)
    let check = try check(of: arm, from: initial)
    let transport = NetworkTransport(
      client, study: notice.study, arm: arm, layout: initial.model.layout, store: store
    ) { contribution, assignment, answer in
      try await statement(of: contribution, to: assignment, answer)
    } clear: { id, kind, files in
      // A question whose answer has no files, such as an evaluation between two rounds, needs no space
      // and must not remove files.
      guard stages.keepsAnswers(to: kind) else { return }
      await exchange.clear()
      try await journal.clear(for: id, kind, files: files)
    } known: {
      await check?.head
    }
    let identity = identity
    let subject = AuditSubject(study: notice.study, digest: agreed.digest, arm: arm)
    let audited = AuditedTransport(
      transport, audit: audit, subject: subject, party: { identity().party }, now: now)
    let agreed = AgreedTransport(base: audited, plan: plan, arm: arm, models: check, stillAgrees: stillAgrees)
    try await refusals.watching(subject) { try await session.serve(over: agreed) }
    store.removeAll()
  }

  /// The attempts at an arm. The rehearsal and the statistics are never repeated.
  private func attempts(at arm: String) -> ArmAttempts {
    [NetworkPlan.rehearsal, NetworkPlan.statistics].contains(arm) ? .first : ArmAttempts(attempts, of: arm)
  }

  /// The check that an arm's questions are about models of the coordinator's signed chain.
  private func check(of arm: String, from start: Start) throws -> ModelCheck? {
    let journals = folder.appending(path: "journal")
    let (digest, required, identity, now) = (agreed.digest, required, identity, now)
    let terms = { @Sendable (arm: String) in
      ModelChain.Terms(
        study: digest, arm: arm, required: required(arm), start: start.link(of: arm, in: plan),
        authority: { identity().authority }, now: now)
    }
    switch arm {
    case NetworkPlan.statistics: return nil
    case NetworkPlan.rehearsal: return .rehearsal(start.model)
    case NetworkPlan.tests: return .tests(FinalChains(plan, in: journals, attempts: attempts, terms: terms))
    default:
      let terms = terms(arm)
      let ring = RingCheck(
        site: site, members: plan.members, terms: terms, weighting: WeightRule(study, arm: arm))
      return .rounds(
        try ModelChain(terms, in: journals.appending(path: arm), attempts: attempts(at: arm)),
        try plan.exchange(of: arm).isRing ? ring : nil)
    }
  }

  /// The site's signed statement about its contribution, recorded in its own audit log before it leaves.
  private func statement(
    of contribution: NetworkContribution, to assignment: Assignment, _ answer: StageMessage
  ) async throws -> Data {
    let (identity, time) = (identity(), now())
    let head = try await audit.append(
      AuditRecord(
        .updateReleased, by: identity.party,
        of: AuditSubject(
          study: notice.study, digest: agreed.digest, arm: contribution.arm, round: contribution.id.round,
          site: site),
        details: ["update": contribution.updateDigest, "examples": "\(contribution.exampleCount)"]), at: time)
    let statement = ContributionStatement(
      study: agreed.digest, arm: contribution.arm, round: contribution.id.round,
      stage: contribution.id.stage ?? 0, site: site, base: contribution.base,
      update: contribution.updateDigest,
      weight: contribution.weight, examples: contribution.exampleCount, auditHead: head,
      message: contribution.strategyMessage,
      result: try result(of: answer, to: assignment, in: contribution.arm))
    let signed = try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: time) }
    return try WireJSON.encode(signed)
  }
}

extension StudyWork {
  /// In a ring, the digest of the file of the model that an update makes, for the next site to verify.
  private func result(of update: StageMessage, to assignment: Assignment, in arm: String) throws -> String? {
    guard arm != NetworkPlan.rehearsal else { return nil }
    return try plan.exchange(of: arm).model(after: update, to: assignment, from: site).map {
      BlobDescriptor.name(ofFileWith: NamedParts($0))
    }
  }
}

/// The weights from which every arm starts.
private struct Start: Sendable {
  let model: ModelParameters
  let link: ChainLink

  /// The start of an arm's chain, with the strategy's first message.
  func link(of arm: String, in plan: NetworkPlan) -> ChainLink {
    var link = link
    let message = (try? plan.exchange(of: arm))?.firstMessage(for: model.layout)
    link.message = message.map(BlobDescriptor.name(ofFileWith:))
    return link
  }
}

/// A reason why the site cannot take part, in words that may be sent to the coordinator.
private struct Obstacle: Error {
  let text: String
}
