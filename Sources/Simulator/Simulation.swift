import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// One study on one machine: data checks, all arms, the evaluation matrix and the report.
///
/// Sites train in engine processes by the same code as across hospitals; only the transport between them and the coordinator
/// stays within this process.
public struct Simulation: Sendable {
  public let configuration: SimulationConfiguration
  private let plans: [ArmPlan]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where an arm is not known or named twice.
  public init(_ configuration: SimulationConfiguration) throws {
    self.configuration = configuration
    guard !configuration.sites.contains(where: { $0.name.rawValue == ArmPlan.pooledName }) else {
      throw ConsiliumError(
        .invalidInput,
        "a site is called '\(ArmPlan.pooledName)', which is the name of all sites' data together; give it another"
      )
    }
    plans = try ArmPlan.plans(
      for: configuration.arms, study: configuration.study,
      sites: configuration.sites.map(\.name).sorted())
  }

  /// Runs what the run folder does not hold yet.
  ///
  /// - Throws: ``ConsiliumError``; after `.cancelled` and every crash the run folder can be resumed.
  public func run(events: @escaping SimulationEventHandler = { _ in }) async throws -> SimulationOutcome {
    let study = configuration.study
    let definition = try RunDefinition(
      study: study, studyText: configuration.studyText, sites: configuration.sites, seed: study.header.seed,
      arms: configuration.arms, threads: study.training.threads, device: configuration.device)
    let store = try RunStore(configuration.runFolder, for: definition, resume: configuration.resume)
    let workers = configuration.workers ?? Self.defaultWorkers(threads: study.training.threads)
    let handle: RunEventHandler = { event in
      store.record(event)
      events(.run(event))
    }
    let pool = WorkerPool(
      WorkerConfiguration(
        executable: configuration.workerExecutable ?? WorkerConfiguration.besideThisProgram(),
        threads: study.training.threads, device: configuration.device, logDirectory: store.folder.logs),
      count: workers, events: handle)
    let outcome = await Result(awaiting: {
      try await run(on: pool, workers: workers, store: store, handle: handle, events: events)
    })
    await pool.shutDown()
    try await store.close()
    return try outcome.get()
  }

  private func run(
    on pool: WorkerPool, workers: Int, store: RunStore, handle: @escaping RunEventHandler,
    events: @escaping SimulationEventHandler
  ) async throws -> SimulationOutcome {
    let study = configuration.study
    var sessions = try await SiteSessions.open(
      configuration, on: pool, cacheBytes: Self.cacheBytes(workers: workers), events: events)
    let isPooled = plans.contains { $0.members == .pooled }
    if isPooled { try sessions.demandOneSize() }
    for site in sessions.sites { try await store.save(site.description, of: site.id) }
    if isPooled, let session = sessions.pooled {
      var description = try await pool.open(session)
      description.facts = nil
      description.findings = try sessions.compare(pooled: description)
      sessions.findings += description.findings
      if !description.findings.isEmpty {
        events(.siteChecked(site: SiteID(session.session), description))
      }
    }
    let initial = try await initialModel(sessions, pool, store)
    let runner = ArmRunner(
      study: study, sessions: sessions, pool: pool, exchange: store.folder.exchange, journal: store,
      concurrentSites: workers + 1, events: handle)
    let arms = try await runAll(plans.filter { $0.fits(sessions) }, with: runner, from: initial)

    let tests = ModelTests(study: study, sessions: sessions, pool: pool, store: store, events: events)
    var tested: [TestedModel] = []
    for (plan, ending) in arms {
      guard case .finished(let outcome) = ending else { continue }
      let model = try await store.save(outcome.bestModel, named: plan.name)
      tested.append(
        TestedModel(
          plan: plan, outcome: outcome, model: model, test: try await tests.test(model),
          // Only a run that puts the data in one place anyway may also test on them there.
          together: arms.contains { $0.plan.members == .pooled } ? try await tests.testTogether(model) : nil))
    }
    let shown = tested.last { $0.plan.members == .federated } ?? tested.last
    let panels = try await shown.asyncMap { try await tests.panels(of: $0.model, count: 2) } ?? []
    let results = try resultsBuilder(
      sessions, engine: try await pool.engine(), workers: workers, started: try store.reader.started()
    ).results(of: tested, failed: arms.compactMap { $1.failure }, panels: panels)
    let report = try Report(results).write(to: store.folder.url)
    events(.reportWritten(report))
    return SimulationOutcome(results: results, report: report)
  }

  private func resultsBuilder(
    _ sessions: SiteSessions, engine: EngineDescription, workers: Int, started: String
  ) -> ResultsBuilder {
    let description = sessions.sites.first?.description
    let environment = EnvironmentRecord(
      command: configuration.command, seed: configuration.study.header.seed, threads: engine.threads,
      workers: workers, device: engine.device, cpuFeatures: engine.cpuFeatures,
      precision: description?.precision ?? "fp32", memoryFormat: description?.memoryFormat ?? "contiguous",
      versions: [
        .init(name: "Consilium", value: consiliumVersion), .init(name: "engine", value: engine.engine),
        .init(name: "operating system", value: ProcessInfo.processInfo.operatingSystemVersionString),
      ],
      started: started, ended: Date().formatted(.iso8601))
    return ResultsBuilder(
      study: configuration.study, arms: configuration.arms,
      sites: configuration.sites.map { definition in
        .init(
          id: definition.name, title: definition.title,
          parts: sessions.sites.first { $0.id == definition.name }?.description.parts ?? [])
      },
      findings: sessions.findings, excluded: sessions.excluded, environment: environment,
      isGenerated: configuration.isGenerated, setting: .simulation)
  }

  /// The weights from which every arm starts: the study's file, or new ones by the study's seed.
  private func initialModel(_ sessions: SiteSessions, _ pool: WorkerPool, _ store: RunStore) async throws
    -> ModelParameters
  {
    guard let first = sessions.sites.first else {
      throw ConsiliumError(.invalidInput, "no site is left to train")
    }
    let exchange = try ExchangeFolder(store.folder.exchange.appending(path: "initial"))
    let trainer = WorkerTrainer(pool: pool, session: first.session, exchange: exchange)
    var initial = try await trainer.initialise()
    if let weights = configuration.initialWeights {
      initial = try ParameterFile.readModel(from: weights, layout: initial.layout)
    }
    try await store.save(initial, named: "initial")
    return initial
  }

  /// All arms side by side, in the order of their plans; the pool's workers take turns among them.
  private func runAll(_ plans: [ArmPlan], with runner: ArmRunner, from initial: ModelParameters) async throws
    -> [(plan: ArmPlan, ending: ArmEnding)]
  {
    try await ArmEnding.ofAll(plans) { try await runner.run($0, from: initial) }
  }

  /// As many engine processes as fill the cores.
  private static func defaultWorkers(threads: Int) -> Int {
    max(1, ProcessInfo.processInfo.activeProcessorCount / max(1, threads))
  }

  /// Half of the machine's memory for decoded images, divided among the engine processes.
  private static func cacheBytes(workers: Int) -> Int {
    Int(ProcessInfo.processInfo.physicalMemory / 2) / workers
  }
}

extension Optional {
  fileprivate func asyncMap<R>(_ body: (Wrapped) async throws -> R) async rethrows -> R? {
    guard let self else { return nil }
    return try await body(self)
  }
}
