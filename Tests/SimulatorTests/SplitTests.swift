import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import Foundation
import Simulator
import StudyProtocol
import Synchronization
import TestSupport
import Testing
import WorkerProtocol

extension SimulationTests {
  /// A model that a site and a host train together is the model that the site would train alone.
  struct SplitTests {
    /// A clinic whose model can be cut, with the corrections that act on every step.
    private func clinic(in folder: URL, clip: Bool = true) -> Clinic {
      var clinic = Clinic(in: folder)
      clinic.hidden = "[6, 5]"
      if clip { clinic.training = ["gradient-clip: 0.05"] }
      return clinic
    }

    /// The workers of one arm, with one pool for the sites and one for the host.
    private struct Party {
      let pool: WorkerPool
      let middle: MiddleEngine
      let study: Study
      let sites: [OpenSession]
      let exchange: ExchangeFolder

      init(_ clinic: Clinic, workers: Int = 2, events: @escaping RunEventHandler = { _ in }) throws {
        let configuration = try clinic.configuration()
        study = configuration.study
        let logs = clinic.folder.appending(path: "logs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
          at: logs.appending(path: "host"), withIntermediateDirectories: true)
        var worker = WorkerConfiguration(
          executable: WorkerConfiguration.besideThisProgram(), threads: 1, logDirectory: logs)
        pool = WorkerPool(worker, count: workers, events: events)
        worker.logDirectory.append(path: "host")
        middle = try MiddleEngine(
          worker, study: study.canonicalJSON(), folder: logs.appending(path: "frames"), events: events)
        exchange = try ExchangeFolder(logs.appending(path: "exchange"))
        let study = study
        sites = try configuration.sites.map { site in
          OpenSession(
            session: site.name.rawValue, study: try study.canonicalJSON(), sites: [try site.canonicalJSON()],
            dataRoot: clinic.folder.path, seed: study.header.seed, cacheBytes: 0)
        }
      }

      /// The first model. Call this before anything is trained.
      func initialModel() async throws -> ModelParameters {
        try await WorkerTrainer(pool: pool, session: sites[0], exchange: exchange).initialise()
      }

      /// Runs two rounds and returns the last model.
      ///
      /// - Parameter atEndOfTurn: Called after the last step of each turn, before the turn is complete.
      func run<S: Strategy>(
        _ strategy: S, _ topology: any Topology, from initial: ModelParameters, isSplit: Bool,
        atEndOfTurn: @escaping @Sendable () -> Void = {}
      ) async throws -> ModelParameters {
        let trainers = sites.map {
          WorkerTrainer(pool: pool, session: $0, exchange: exchange) { _, progress in
            if progress.step == progress.stepCount { atEndOfTurn() }
          }
        }
        var settings = FederationSettings(
          arm: "arm", rounds: 2, learningRate: { [study] in study.learningRate(inRound: $0 - 1) },
          seed: 3, required: Set(sites.map { SiteID($0.session) }), validateEvery: 0)
        if isSplit { settings.split = SplitSettings(cut: "hidden1", checksHost: true, engine: middle) }
        let federation = try Federation<S, WorkerTrainer>(
          settings: settings, strategy: strategy, topology: topology,
          members: zip(sites, trainers).map { .init(site: SiteID($0.session), trainer: $1, validates: false) }
        )
        return try await federation.run(from: initial).lastModel
      }

      func end() async {
        await pool.shutDown()
        await middle.shutDown()
      }
    }

    private func expectEqualModels(_ workflow: String) async throws {
      try await withTemporaryFolder { folder in
        var clinic = clinic(in: folder)
        clinic.workflow = workflow
        if workflow == "scaffold" { clinic.optimizer = "{name: sgd, learning-rate: 0.05}" }
        let party = try Party(clinic)
        let initial = try await party.initialModel()
        let algorithm = party.study.algorithm(
          of: party.study.federation.workflow, sites: party.sites.map { SiteID($0.session) })
        func run(isSplit: Bool, _ strategy: some Strategy) async throws -> ModelParameters {
          try await party.run(strategy, algorithm.topology, from: initial, isSplit: isSplit)
        }
        let whole = try await run(isSplit: false, algorithm.strategy)
        let split = try await run(isSplit: true, algorithm.strategy)
        await party.end()
        #expect(split.values == whole.values)
      }
    }

    @Test(arguments: ["fedavg", "cyclic", "fedprox", "scaffold"])
    func everyWorkflowTrainsTheSameModel(workflow: String) async throws {
      try await expectEqualModels(workflow)
    }

    /// A worker is killed in the middle of a turn; the turn begins again.
    @Test(arguments: [true, false]) func aKilledWorkerChangesNothing(atHost: Bool) async throws {
      try await withTemporaryFolder { folder in
        let clinic = clinic(in: folder)
        let replaced = Mutex<[Int32]>([])
        let party = try Party(clinic, workers: 1) { event in
          if case .workerReplaced(let process, _) = event { replaced.withLock { $0.append(process) } }
        }
        let initial = try await party.initialModel()
        let whole = try await party.run(FedAvg(), Star(), from: initial, isSplit: false)
        let victim = try await (atHost ? party.middle.engine() : party.pool.engine()).processID
        let isDone = Mutex(false)
        let split = try await party.run(FedAvg(), Star(), from: initial, isSplit: true) {
          isDone.withLock { done in
            if !done { kill(victim, SIGKILL) }
            done = true
          }
        }
        await party.end()
        #expect(split.values == whole.values)
        #expect(replaced.withLock { $0 } == [victim])
      }
    }

    /// The report's table shows equal digests in the rows of equal models.
    @Test func armsOfSplitLearningEndWithTheDigestsOfTheirWorkflows() async throws {
      try await withTemporaryFolder { folder in
        let clinic = clinic(in: folder)
        let outcome = try await Simulation(
          clinic.configuration(arms: ["fedavg", "splitfed", "cyclic", "split"])
        ).run()
        let digests = Dictionary(
          uniqueKeysWithValues: outcome.results.arms.map { ($0.name, $0.models.map(\.digest)) })
        #expect(digests.count == 4)
        #expect(digests["splitfed"] == digests["fedavg"])
        #expect(digests["split"] == digests["cyclic"])
        #expect(digests["split"] != digests["splitfed"])
      }
    }

    @Test func modelsWithoutAMiddleAreRefusedBeforeDataAreRead() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let error = #expect(throws: ConsiliumError.self) {
          try Simulation(clinic.configuration(arms: ["split"]))
        }
        #expect(error?.message.contains("the model 'mlp' has no place where it can be cut") == true)
      }
    }

    @Test func anUnknownCutFailsWithItsName() async throws {
      try await withTemporaryFolder { folder in
        let party = try Party(clinic(in: folder))
        let error = await #expect(throws: ConsiliumError.self) {
          var settings = FederationSettings(arm: "arm", rounds: 1, learningRate: { _ in 0.1 }, seed: 3)
          settings.split = SplitSettings(cut: "hidden9", engine: party.middle)
          let trainer = WorkerTrainer(pool: party.pool, session: party.sites[0], exchange: party.exchange)
          _ = try await Federation<FedAvg, WorkerTrainer>(
            settings: settings, strategy: FedAvg(), topology: Star(),
            members: [.init(site: SiteID("north"), trainer: trainer, validates: false)]
          ).run(from: trainer.initialise())
        }
        await party.end()
        #expect(error?.message.contains("the model 'mlp' has no cut 'hidden9'") == true)
      }
    }
  }
}
