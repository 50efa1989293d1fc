import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// Runs the steps of a study on one machine, where workers of this program do the sites' work.
struct SimulatedStudy: StudyHost {
  let configuration: SimulationConfiguration
  /// The sites that take part.
  let sessions: SiteSessions
  let pool: WorkerPool
  /// Computes the middle of split models; `nil` if no arm has one.
  let middle: MiddleEngine?
  let workers: Int
  let store: RunStore
  /// Receives the events of the arms' rounds.
  let rounds: RunEventHandler
  let events: SimulationEventHandler

  private var study: Study { configuration.study }

  func prepare(_ plans: [ArmPlan]) async throws -> [DataFinding] {
    guard plans.contains(where: { $0.members == .pooled }), let session = sessions.pooled else { return [] }
    try sessions.demandOneSize()
    var description = try await pool.open(session)
    description.facts = nil
    description.findings = try sessions.compare(pooled: description)
    if !description.findings.isEmpty {
      events(.siteChecked(site: SiteID(session.session), description))
    }
    return description.findings
  }

  /// The weights in the user's file, or new weights from the study's seed.
  func initialModel() async throws -> ModelParameters {
    guard let first = sessions.sites.first else {
      throw ConsiliumError(.invalidInput, "no site is left to train")
    }
    let exchange = try ExchangeFolder(store.folder.exchange.appending(path: "initial"))
    let trainer = WorkerTrainer(pool: pool, session: first.session, exchange: exchange)
    let initial = try await trainer.initialise()
    guard let weights = configuration.initialWeights else { return initial }
    return try ParameterFile.readModel(from: weights, layout: initial.layout)
  }

  func statistics(_ initial: InitialModel) async throws -> StudyStatistics {
    try await SimulatedStatistics(
      study: study, sites: sessions.sites.map(\.definition), dataRoot: configuration.dataRoot,
      policies: configuration.policies
    ).run(on: pool, scratch: store.folder.exchange.appending(path: NetworkPlan.statistics))
  }

  func run(_ arm: ArmPlan, from initial: InitialModel) async throws -> FederationOutcome {
    try await ArmRunner(
      study: study, sessions: sessions, pool: pool, middle: middle, exchange: store.folder.exchange,
      journal: store, concurrentSites: workers + 1, events: rounds
    ).run(arm, from: initial.parameters)
  }

  func test(_ models: [FinalModel]) async throws -> [TestedModel] {
    let tests = tests
    var tested: [TestedModel] = []
    for model in models {
      tested.append(
        TestedModel(
          model, test: try await tests.test(model.model),
          // Test on the pooled data only if the run pools the data anyway.
          together: isPooled ? try await tests.testTogether(model.model) : nil))
    }
    return tested
  }

  func test(_ models: [StoredModel], combinedBy fusion: ModelFusion, as arm: ArmPlan) async throws
    -> TestedModel
  {
    let model = StoredModel(name: arm.name, combining: models, by: fusion)
    let ensemble = EvaluateModel.Ensemble(models: models.dropFirst().map(\.file.path), fusion: fusion)
    return TestedModel(
      plan: arm, records: [], model: model, test: try await tests.test(model, ensemble),
      together: isPooled ? try await tests.testTogether(model, ensemble) : nil)
  }

  func panels(of model: TestedModel) async throws -> [PanelImage] {
    try await tests.panels(of: model, count: 2)
  }

  func environment(started: String) async throws -> EnvironmentRecord {
    let engine = try await pool.engine()
    let description = sessions.sites.first?.description
    return EnvironmentRecord(
      command: configuration.command, seed: study.header.seed, threads: engine.threads,
      workers: workers, device: engine.device, cpuFeatures: engine.cpuFeatures,
      precision: description?.precision ?? "fp32", memoryFormat: description?.memoryFormat ?? "contiguous",
      versions: [
        .init(name: "Consilium", value: consiliumVersion), .init(name: "engine", value: engine.engine),
        .init(name: "operating system", value: ProcessInfo.processInfo.operatingSystemVersionString),
      ],
      started: started, ended: Date().formatted(.iso8601))
  }

  private var tests: ModelTests {
    ModelTests(study: study, sessions: sessions, pool: pool, store: store, events: events)
  }

  private var isPooled: Bool { configuration.arms.contains { ArmPlan.isPooled($0) } }
}
