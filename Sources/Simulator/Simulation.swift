import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import RunStore
import StudyProtocol
import StudyRuns

/// One study on one machine: data checks, all arms, the evaluation matrix and the report.
///
/// Sites train in worker processes with the same code as across hospitals. The only difference is the
/// transport to the coordinator, which stays within this process.
public struct Simulation: Sendable {
  public let configuration: SimulationConfiguration
  private let plans: [ArmPlan]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if an arm is unknown or named twice, or if a site
  ///   has a reserved name.
  public init(_ configuration: SimulationConfiguration) throws {
    self.configuration = configuration
    guard !configuration.sites.contains(where: { $0.name.rawValue == ArmPlan.pooledName }) else {
      throw ConsiliumError(
        .invalidInput,
        "a site is called '\(ArmPlan.pooledName)', the name reserved for all sites' data in one place; rename the site"
      )
    }
    plans = try ArmPlan.plans(
      for: configuration.arms, study: configuration.study,
      sites: configuration.sites.map(\.name).sorted())
  }

  /// Runs everything that the run folder does not contain yet.
  ///
  /// - Throws: ``ConsiliumError``. After `.cancelled`, and after every crash, the run folder can be resumed.
  public func run(events: @escaping SimulationEventHandler = { _ in }) async throws -> SimulationOutcome {
    let study = configuration.study
    let definition = try RunDefinition(
      study: study, studyText: configuration.studyText, sites: configuration.sites, seed: study.header.seed,
      arms: configuration.arms, threads: study.training.threads, device: configuration.device,
      policies: configuration.policies)
    let store = try RunStore(configuration.runFolder, for: definition, resume: configuration.resume)
    let workers = configuration.workers ?? Self.defaultWorkers(threads: study.training.threads)
    let handle: RunEventHandler = { event in
      store.record(event)
      events(.run(event))
    }
    let worker = WorkerConfiguration(
      executable: configuration.workerExecutable ?? WorkerConfiguration.besideThisProgram(),
      threads: study.training.threads, device: configuration.device, logDirectory: store.folder.logs)
    let pool = WorkerPool(worker, count: workers, events: handle)
    let middle = try middleEngine(worker, store, events: handle)
    let outcome = await Result(awaiting: {
      try await run(
        on: pool, middle: middle, workers: workers, store: store, handle: handle, events: events)
    })
    await pool.shutDown()
    await middle?.shutDown()
    try await store.close()
    return try outcome.get()
  }

  /// The engine for the middle of split models, with a worker of its own; `nil` if no arm has one.
  private func middleEngine(
    _ worker: WorkerConfiguration, _ store: RunStore, events: @escaping RunEventHandler
  ) throws -> MiddleEngine? {
    guard plans.contains(where: { $0.way == .split }) else { return nil }
    var worker = worker
    worker.logDirectory.append(path: "host")
    try OwnerOnly.createFolder(worker.logDirectory)
    return try MiddleEngine(
      worker, study: configuration.study.canonicalJSON(),
      folder: store.folder.exchange.appending(path: "host"), events: events)
  }

  private func run(
    on pool: WorkerPool, middle: MiddleEngine?, workers: Int, store: RunStore,
    handle: @escaping RunEventHandler,
    events: @escaping SimulationEventHandler
  ) async throws -> SimulationOutcome {
    let opened = try await SiteSessions.open(
      configuration, on: pool, cacheBytes: Self.cacheBytes(workers: workers), events: events)
    let objections = try await objections(of: opened, pool, store)
    let admission = try StudyAdmission(
      of: opened.candidates(configuration, objections), to: configuration.study,
      words: .init(code: .invalidInput, exclusion: "its data break the common data elements"))
    let host = SimulatedStudy(
      configuration: configuration, sessions: opened.limited(to: admission.sites), pool: pool,
      middle: middle, workers: workers, store: store, rounds: handle, events: events)
    let conclusion = try await StudyDriver(
      study: configuration.study, arms: configuration.arms, plans: plans, admission: admission,
      store: store, setting: .simulation, host: host
    ).run()
    events(.reportWritten(conclusion.report))
    return SimulationOutcome(results: conclusion.results, report: conclusion.report)
  }

  /// The sites' objections to the study, with the arms and workflows of this run.
  private func objections(of sessions: SiteSessions, _ pool: WorkerPool, _ store: RunStore) async throws
    -> [SiteID: [PolicyObjection]]
  {
    guard !configuration.policies.isEmpty, let first = sessions.sites.first(where: \.isUsable) else {
      return [:]
    }
    var study = configuration.study
    // Which models leave a site depends on the arms of this run, not on the arms in the study file.
    study.evaluation.baselines = Study.Evaluation.Baseline.allCases.filter { baseline in
      plans.contains { $0.group == baseline.rawValue }
    }
    let workflows = plans.filter { $0.members == .federated }.map(\.workflow)
    let studies = workflows.map { workflow in
      var variant = study
      variant.federation.workflow = workflow
      return variant
    }
    let exchange = try ExchangeFolder(store.folder.exchange.appending(path: "initial"))
    let model = try await WorkerTrainer(pool: pool, session: first.session, exchange: exchange).initialise()
    return sessions.objections(to: studies.isEmpty ? [study] : studies, parameterCount: model.count)
  }

  /// The number of workers that keep all cores busy, if each worker uses `threads` threads.
  private static func defaultWorkers(threads: Int) -> Int {
    max(1, ProcessInfo.processInfo.activeProcessorCount / max(1, threads))
  }

  /// The memory in bytes in which each worker keeps decoded images. All workers together use half of the
  /// machine's memory.
  private static func cacheBytes(workers: Int) -> Int {
    Int(ProcessInfo.processInfo.physicalMemory / 2) / workers
  }
}
