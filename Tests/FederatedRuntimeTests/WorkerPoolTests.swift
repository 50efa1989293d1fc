import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import Foundation
import Synchronization
import Testing
import WorkerProtocol

@Suite(.enabled(if: python != nil))
struct WorkerPoolTests {
  /// The ID of the process that trained, which the test engine returns as the number of examples.
  private func process(_ trainer: WorkerTrainer) async throws -> Int {
    try await trainer.train(from: .zeros(workerLayout), following: workerInstruction()).summary.exampleCount
  }

  @Test func trainsAndEvaluates() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 1)
    let reports = Mutex<[Int]>([])
    let trainer = try workshop.trainer(pool, "good") { round, _ in reports.withLock { $0.append(round) } }
    let model = try await trainer.initialise()
    #expect(model == ModelParameters(layout: workerLayout, values: [1, 2, 3, 4] as [Float]))
    let result = try await trainer.train(from: model, following: workerInstruction(round: 3))
    #expect(result.delta == ModelParameters(layout: workerLayout, values: [0.5, 0.5, 0.5, 0.5] as [Float]))
    #expect(reports.withLock { $0 } == [3, 3])
    var shifted = workerInstruction()
    shifted.gradientOffset = model
    let other = try await trainer.train(from: model, following: shifted)
    #expect(other.delta.values == [1.5, 2.5, 3.5, 4.5])
    #expect(try await trainer.evaluate(model, on: .validation).loss == 10)
    // Only the last model's file remains.
    let files = try FileManager.default.contentsOfDirectory(atPath: workshop.folder.path + "/exchange")
    #expect(files.count == 1)
    await pool.shutDown()
  }

  @Test func aSessionStaysWhereItIsOpen() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 2)
    let trainers = try ["a", "b"].map { try workshop.trainer(pool, $0) }
    let first = try await [process(trainers[0]), process(trainers[1])]
    #expect(Set(first).count == 2)
    for _ in 0..<3 {
      async let a = process(trainers[0])
      async let b = process(trainers[1])
      #expect(try await [a, b] == first)
    }
    await pool.shutDown()
    #expect(first.allSatisfy { !isRunning(Int32($0)) })
  }

  @Test func checkOpensTheSessionAndStepsOnOneWorker() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 2)
    let names = (0..<6).map { "site-\($0)" } + ["untrainable"]
    let checks = try await withThrowingTaskGroup(of: (String, SessionDescription).self) { group in
      for name in names { group.addTask { (name, try await pool.check(workshop.session(name))) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for name in names {
      #expect(
        checks[name]?.findings.map(\.message) == (name == "untrainable" ? ["no step can be taken"] : []))
    }
    // The test engine counts its sessions: no session was opened by two workers.
    let parts = checks.values.flatMap(\.parts)
    let most = Dictionary(grouping: parts, by: \.patients).values.map { $0.map(\.examples).max() ?? 0 }
    #expect(most.reduce(0, +) == names.count)
    await pool.shutDown()
  }

  @Test func moreSitesThanWorkersAllGetTheirTurn() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 2)
    let trainers = try (0..<7).map { try workshop.trainer(pool, "site-\($0)") }
    let processes = try await withThrowingTaskGroup(of: Int.self) { group in
      for trainer in trainers { group.addTask { try await process(trainer) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(processes.count == 7)
    #expect(Set(processes).count <= 2)
    await pool.shutDown()
  }

  @Test func aDeadWorkerIsReplacedOnce() async throws {
    let workshop = try Workshop()
    let replaced = Mutex<[String]>([])
    let pool = WorkerPool(try workshop.configuration(), count: 1) { event in
      if case .workerReplaced(_, let reason) = event { replaced.withLock { $0.append(reason) } }
    }
    let before = try await process(workshop.trainer(pool, "good"))
    let result = try await workshop.trainer(pool, "dies-once")
      .train(from: .zeros(workerLayout), following: workerInstruction())
    #expect(result.delta.values == [0.5, 0.5, 0.5, 0.5])
    #expect(replaced.withLock { $0.count } == 1)
    #expect(try await process(workshop.trainer(pool, "good")) != before)
    await pool.shutDown()
  }

  /// With as many deaths at start-up as permitted attempts, the request fails.
  @Test(arguments: [(1, true), (2, false)])
  func workerKilledAtStartUpIsRestarted(deaths: Int, isMended: Bool) async throws {
    let workshop = try Workshop()
    let marker = workshop.folder.appending(path: "deaths")
    let pool = WorkerPool(try workshop.configuration(mode: "killed=\(deaths)=\(marker.path)"), count: 1)
    if isMended {
      #expect(try await process(workshop.trainer(pool, "good")) > 0)
    } else {
      let error = await #expect(throws: ConsiliumError.self) {
        try await process(workshop.trainer(pool, "good"))
      }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("did not start: was killed (signal 9)") == true)
    }
    let lines = try String(contentsOf: marker, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == deaths)
    await pool.shutDown()
  }

  @Test func errorAfterASecondDeathNamesTheSession() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 1)
    let error = try await #require(throws: ConsiliumError.self) {
      try await process(workshop.trainer(pool, "dies"))
    }
    #expect(error.code == .engine)
    #expect(error.message.contains("session 'dies'"), "\(error.message)")
    #expect(error.message.contains("signal 9"))
    #expect(try await process(workshop.trainer(pool, "good")) > 0)
    await pool.shutDown()
  }

  @Test func aFailureIsNotRepeated() async throws {
    let workshop = try Workshop()
    let started = Mutex(0)
    let pool = WorkerPool(try workshop.configuration(), count: 1) { event in
      if case .workerStarted = event { started.withLock { $0 += 1 } }
    }
    let error = try await #require(throws: ConsiliumError.self) {
      try await process(workshop.trainer(pool, "fails"))
    }
    #expect(error.code == .invalidUpdate)
    #expect(started.withLock { $0 } == 1)
    await pool.shutDown()
  }

  @Test func cancellingEndsBusyAndWaitingRequests() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 1)
    let trainer = try workshop.trainer(pool, "hangs")
    let task = Task {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<3 { group.addTask { try await process(trainer) } }
        for try await _ in group {}
      }
    }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    let error = try await #require(throws: ConsiliumError.self) { try await task.value }
    #expect(error.code == .cancelled)
    #expect(try await process(workshop.trainer(pool, "good")) > 0)
    await pool.shutDown()
  }

  @Test func tooManySessionsAreClosed() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(maximumSessions: 2), count: 1)
    for name in ["a", "b", "c", "a", "d"] {
      // The test engine reports how many sessions it has open.
      let description = try await pool.open(workshop.session(name))
      #expect(description.parts[0].examples <= 2)
    }
    let changed = try await pool.open(workshop.session("d", seed: 2))
    #expect(changed.parts[0].examples == 2)
    await pool.shutDown()
  }

  @Test func poolThatWasShutDownRefusesRequests() async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: 1)
    #expect(try await pool.engine().engine == "python")
    await pool.shutDown()
    await #expect(throws: ConsiliumError.self) { try await pool.engine() }
    await #expect(throws: ConsiliumError.self) { try await pool.open(workshop.session("a")) }
  }

  /// A federation whose workers are killed yields the same model as an undisturbed federation.
  @Test(arguments: [1, 2]) func federationSurvivesTheDeathOfItsWorkers(workers: Int) async throws {
    let workshop = try Workshop()
    let pool = WorkerPool(try workshop.configuration(), count: workers)
    let members = try ["a", "dies-once-b", "c"].map {
      Federation<FedAvg, WorkerTrainer>.Member(site: SiteID($0), trainer: try workshop.trainer(pool, $0))
    }
    let settings = FederationSettings(
      arm: "fedavg", rounds: 2, learningRate: { Double($0) }, weighting: .equal, seed: 1,
      required: Set(members.map(\.site)))
    let outcome = try await Federation(
      settings: settings, strategy: FedAvg(), topology: Star(), members: members
    ).run(from: .zeros(workerLayout))
    #expect(outcome.lastModel.values == [3, 3, 3, 3])
    await pool.shutDown()
  }
}
