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

/// The coordinator's study host: carries out the steps of a study whose sites are remote agents.
struct NetworkStudy: StudyHost {
  let runner: StudyRunner
  /// The sites that take part, in the order of their names.
  let sites: [SiteID]
  /// The readiness reports of the sites that take part.
  let ready: [SiteReadiness]
  let store: RunStore
  /// Computes the middle of a split model; `nil` if the model is not split.
  var middle: MiddleEngine?

  var study: Study { runner.study }

  // MARK: Before the rounds

  /// The initial weights, which a site has sent. Throws if the readiness reports show that sites would start
  /// from different weights.
  func initialModel() async throws -> ModelParameters {
    let models = ready.compactMap { report in report.initialModel.map { (report.site, $0) } }
    guard let (first, model) = models.first else {
      throw ConsiliumError(.unavailable, "no site sent the initial weights. \(StudyRunner.wayOut)")
    }
    if let other = models.first(where: { $0.1.digest != model.digest }) {
      // Forget all reports: a site that installs another version reports again.
      await runner.board.forgetAll()
      throw ConsiliumError(
        .unavailable,
        "sites '\(first)' and '\(other.0)' would start from different weights; install the same version of Consilium at "
          + "both and resume the study; the signatures stay valid")
    }
    try checkGivenWeights(model)
    let file = store.folder.model(named: "initial")
    // A resumed run already has the initial weights.
    if let kept = try? ParameterFile.readModel(from: file, layout: model.layout),
      ParameterDigest.sha256(of: kept) == model.digest
    {
      return kept
    }
    do {
      return try await runner.endpoint.received(file: model.file, layout: model.layout, digest: model.digest)
    } catch {
      // A site sends its weights before it reports, so every site must report again.
      await runner.board.forgetAll()
      throw error
    }
  }

  /// Checks that the sites start from the weights in the file that the study lead signed.
  private func checkGivenWeights(_ model: SiteReadiness.InitialModel) throws {
    guard let file = runner.givenWeights else { return }
    let given = try ParameterFile.readModel(from: file, layout: model.layout)
    guard ParameterDigest.sha256(of: given) == model.digest else {
      throw ConsiliumError(
        .unavailable,
        "the sites would start from weights that differ from the study's file; install the same version of Consilium "
          + "everywhere and resume the study; the signatures stay valid")
    }
  }

  /// Removes the files of initial weights that the sites sent, now that the run has stored its own copy.
  func didStore(initial: StoredModel) async throws { try await runner.endpoint.settle(initial: initial.file) }

  /// Asks the sites for their statistics. The gate of each site decides what its answer contains.
  func statistics(_ initial: InitialModel) async throws -> StudyStatistics {
    let arm = NetworkPlan.statistics
    let mailbox = CoordinatorMailbox()
    await runner.endpoint.open(mailbox, arm: arm, layout: initial.parameters.layout)
    let host = StageHost(arm: arm, mailbox: mailbox, deadline: runner.absence, journal: store) {
      [runner] note in
      runner.events(RunEvent(note, arm: arm, round: StatisticsStage.round))
    }
    var mail = mailbox.mail.makeAsyncIterator()
    let reminder = remind(of: mailbox, for: "the study's statistics")
    defer { reminder.cancel() }
    let task = StageTask(
      round: StatisticsStage.round, plan: ExchangePlan(stages: [.init(members: sites)]),
      required: runner.required)
    let result: Result<StatisticsCoordinator.Outcome, any Error>
    do {
      result = .success(try await host.run(StatisticsStage(study), task, from: (), &mail))
    } catch {
      result = .failure(error)
    }
    await runner.note("")
    await mailbox.close()
    // If the run was cancelled, it resumes later: the sites must not consider the arm ended.
    if !Task.isCancelled { await runner.endpoint.end(arm: arm) }
    let outcome = try result.get()
    return StatisticsBuilder(study, question: outcome.question).statistics(
      of: sites.map { site in
        StatisticsBuilder.Answer(
          site: site, statistics: outcome.answers[site], note: outcome.failures[site])
      })
  }

  /// Runs one round with a single training step at every site, and discards the result.
  ///
  /// - Throws: ``ConsiliumError``: `.unavailable` if a required site fails; the study can then be resumed.
  func rehearse(from initial: InitialModel) async throws {
    if try !runner.database.isRehearsed(runner.id) { try await takeRehearsal(from: initial.parameters) }
    try await runner.began()
  }

  private func takeRehearsal(from initial: ModelParameters) async throws {
    let settings = try settings(of: NetworkPlan.rehearsal, members: sites)
    let workflow = try runner.plan.algorithm(of: NetworkPlan.rehearsal)
    let clock = RehearsalClock()
    do {
      _ = try await run(
        workflow.strategy, over: workflow.topology, settings, sites: sites, from: initial,
        journal: InMemoryJournal()
      ) { event in
        clock.take(event)
        runner.events(event)
      }
    } catch let error as ConsiliumError where error.code == .partial {
      throw ConsiliumError(
        .unavailable,
        "the rehearsal failed, and nothing was trained: \(error.message)\n\(StudyRunner.wayOut). "
          + "If the study itself is at fault, such as its learning rate, abort it and propose another version",
        cause: error)
    }
    try await keep(clock, modelBytes: 4 * initial.count)
  }

  private func keep(_ clock: RehearsalClock, modelBytes: Int) async throws {
    let examples = ready.map { ($0.site, $0.data?.parts.first { $0.part == .training }?.examples ?? 0) }
    let (database, id) = (runner.database, runner.id)
    try await runner.audit.append(
      AuditRecord(
        .studyRehearsed, by: runner.identity().party, of: AuditSubject(study: id, digest: try study.digest())),
      at: runner.now())
    try database.markRehearsed(
      id,
      clock.forecast(
        of: study, examples: Dictionary(examples, uniquingKeysWith: { $1 }), modelBytes: modelBytes))
  }

  // MARK: Rounds

  func run(_ arm: ArmPlan, from initial: InitialModel) async throws -> FederationOutcome {
    let members = runner.plan.members(of: arm).filter(sites.contains)
    let settings = try settings(of: arm.name, members: members)
    let workflow = try runner.plan.algorithm(of: arm.name)
    let rounds = try runner.signedRounds(store)
    return try await run(
      workflow.strategy, over: workflow.topology, settings, sites: members, from: initial.parameters,
      journal: rounds
    ) { [store, runner] event in
      store.record(event)
      runner.events(event)
    }
  }

  /// The settings of an arm. An optional site never delays an arm indefinitely, not even its own local arm.
  private func settings(of arm: String, members: [SiteID]) throws -> FederationSettings {
    var settings = try runner.plan.settings(of: arm, members: members)
    settings.split?.engine = middle
    settings.required.formIntersection(runner.required)
    let waits = try SitePatience(
      required: runner.required, patience: runner.patience, absence: runner.absence,
      forecast: runner.database.forecast(of: runner.id))
    settings.deadline = waits.deadline(of: arm, members: members)
    settings.weights = UpdateWeighting.weights(members, settings.weighting, examples: trainingExamples(of:))
    // In the rehearsal, a weight that depends on the patients' classes is blank.
    guard arm != NetworkPlan.rehearsal else { return settings }
    let rule = WeightRule(study, arm: arm)
    for site in members where settings.weights[site] == nil {
      settings.weightLimits[site] = trainingExamples(of: site).map(rule.weights)
    }
    return settings
  }

  /// The number of training examples that a site reported.
  private func trainingExamples(of site: SiteID) -> Int? {
    ready.first { $0.site == site }?.trainingExamples
  }

  private func run<S: Strategy>(
    _ strategy: S, over topology: any Topology, _ settings: FederationSettings, sites: [SiteID],
    from initial: ModelParameters, journal: any RoundJournal, events: @escaping RunEventHandler
  ) async throws -> FederationOutcome {
    let mailbox = CoordinatorMailbox()
    let coordinator = try Coordinator(
      settings: settings, strategy: strategy, topology: topology, trainers: sites, validators: sites,
      mailbox: mailbox, journal: journal, events: events)
    await runner.endpoint.open(
      mailbox, arm: settings.arm, layout: initial.layout, vectors: S.Combiner.Payload.partNames.count)
    let result = await Result(awaiting: { try await coordinator.run(from: initial) })
    await mailbox.close()
    // A cancelled run resumes later, so its sites must not regard the arm as ended.
    if !Task.isCancelled { await runner.endpoint.end(arm: settings.arm) }
    return try result.get()
  }
}
