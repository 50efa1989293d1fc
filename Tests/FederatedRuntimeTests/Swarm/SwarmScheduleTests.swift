import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import Synchronization
import Testing

/// A swarm on a schedule that is drawn at random: members die and start again, calls come late, twice or not
/// at all, replies are lost, and mergers are stopped for longer than their lease.
struct SwarmScheduleTests {
  /// 30 schedules, or as many as `CONSILIUM_SWARM_SCHEDULES` states.
  private static let schedules =
    ProcessInfo.processInfo.environment["CONSILIUM_SWARM_SCHEDULES"].flatMap { Int($0) } ?? 30

  @Test func everyScheduleEndsWithTheModelOfTheStar() async throws {
    let star = try await federation(FedAdam(), sites: 4, rounds: 3).run(from: referenceModel)
    let begin = ContinuousClock.now
    let mischief = Mischief.Count()
    try await withThrowingTaskGroup(of: (UInt64, ModelParameters).self) { group in
      var next: UInt64 = 0
      func add() {
        guard next < Self.schedules else { return }
        let schedule = SwarmSchedule(seed: next, count: mischief)
        group.addTask { (schedule.seed, try await schedule.run()) }
        next += 1
      }
      for _ in 0..<4 { add() }
      for try await (seed, model) in group {
        #expect(model == star.lastModel, "schedule \(seed)")
        add()
      }
    }
    let total = mischief.total
    // Each kind of mischief has happened, or the test would prove little.
    for kind in Mischief.allCases { #expect(total[kind, default: 0] >= Self.schedules / 5, "\(kind)") }
    if Self.schedules > 30 {
      let kinds = Mischief.allCases.map { "\($0) \(total[$0, default: 0])" }.joined(separator: ", ")
      print("\(Self.schedules) schedules in \(ContinuousClock.now - begin): \(kinds)")
    }
  }
}

/// What goes wrong in a schedule.
enum Mischief: CaseIterable, Hashable {
  /// The member dies before or after a call, and starts again later.
  case death
  /// A call takes up to several seconds.
  case delay
  /// A call does not reach the register, or its reply is lost.
  case loss
  /// A call is made twice.
  case duplicate
  /// The member is stopped for longer than a lease.
  case stop
  /// A member became the merger of a round in which another member had been one.
  case takeover

  final class Count: Sendable {
    private let counts = Mutex<[Mischief: Int]>([:])
    var total: [Mischief: Int] { counts.withLock { $0 } }
    func add(_ mischief: Mischief) { counts.withLock { $0[mischief, default: 0] += 1 } }
  }
}

/// One run of four members on a schedule that follows from a seed and the order in which the tasks run.
private struct SwarmSchedule: Sendable {
  let seed: UInt64
  let count: Mischief.Count
  private let sites = (0..<4).map { SiteID("site-\($0)") }

  func run() async throws -> ModelParameters {
    let (clock, executor) = (SteppedClock(), ScheduleExecutor())
    let register = InMemoryRegister(clock: clock)
    let relay = InMemoryRelay()
    let finished = Counter()
    let members = sites.enumerated().map { index, site in
      let fate = Fate(seed: seed &* 31 &+ UInt64(index), clock: clock, executor: executor, count: count)
      return Task(executorPreference: executor) {
        defer { finished.value.add(1, ordering: .relaxed) }
        return try await live(site, index, fate, register, relay)
      }
    }
    var (steps, idle) = (0, 0)
    while finished.value.load(ordering: .relaxed) < members.count {
      if executor.drain() { idle = 0 }
      // The timers of leases run elsewhere; let them.
      await Task.yield()
      idle += 1
      guard idle > 3 else { continue }
      idle = 0
      steps += 1
      guard steps < 100_000 else {
        for member in members { member.cancel() }
        throw ConsiliumError(.engine, "schedule \(seed) does not end")
      }
      clock.step()
    }
    var models: [ModelParameters] = []
    for member in members { models.append(try await member.value) }
    _ = executor.drain()
    for round in 1...3 { countTakeovers(in: register, round) }
    let model = try #require(models.first)
    for other in models { #expect(other == model, "members end with different models, schedule \(seed)") }
    return model
  }

  /// One member, which starts again whenever it dies.
  private func live(
    _ site: SiteID, _ index: Int, _ fate: Fate, _ register: InMemoryRegister, _ relay: InMemoryRelay
  ) async throws -> ModelParameters {
    let settings = FederationSettings(
      arm: "arm", rounds: 3, learningRate: { _ in 0.05 }, seed: 11, required: Set(sites),
      selection: ModelSelection(metric: "loss", higherIsBetter: false))
    let trainer = FatefulTrainer(base: ReferenceTrainer.sites(4)[index], fate: fate)
    while true {
      let session = SiteSession(
        site: site, stages: StageRegistry(of: FedAdam(), settings: settings), trainer: trainer,
        gate: ReleaseGate())
      let member = try SwarmMember(
        settings: settings, strategy: FedAdam(), topology: Star(), trainers: sites, validators: sites,
        swarm: SwarmSettings(study: "study", mergers: sites), session: session,
        register: FatefulRegister(base: register, fate: fate), relay: FatefulRelay(base: relay, fate: fate),
        clock: fate.clock)
      let life = Task(executorPreference: fate.executor) { try await member.run(from: referenceModel) }
      fate.begin(life)
      let result = await withTaskCancellationHandler {
        await life.result
      } onCancel: {
        life.cancel()
      }
      switch result {
      case .success(let model): return model
      case .failure(let error) where (error as? ConsiliumError)?.code == .cancelled:
        try Task.checkCancellation()
        try await fate.rest()
      case .failure(let error): throw error
      }
    }
  }

  private func countTakeovers(in register: InMemoryRegister, _ round: Int) {
    let keys = SwarmRoundKeys(study: "study", arm: "arm", round: round)
    guard let set = register.entry(at: keys.set).flatMap({ try? SwarmSet($0) }),
      let model = register.entry(at: keys.model).flatMap({ try? SwarmModel($0) })
    else { return }
    let first = MergerOrder(study: "study", arm: "arm", mergers: sites).order(ofRound: round)[0]
    if set.merger != first || model.merger != set.merger { count.add(.takeover) }
  }
}

/// What happens to one member, drawn call by call.
private final class Fate: Sendable {
  private struct State {
    var generator: RandomStream
    var stoppedUntil = Duration.zero
    var life: Task<ModelParameters, any Error>?
    var deaths = 0
  }

  let clock: SteppedClock
  let executor: ScheduleExecutor
  private let count: Mischief.Count
  private let state: Mutex<State>

  init(seed: UInt64, clock: SteppedClock, executor: ScheduleExecutor, count: Mischief.Count) {
    self.clock = clock
    self.executor = executor
    self.count = count
    state = Mutex(State(generator: RandomStream(seed: seed)))
  }

  func begin(_ life: Task<ModelParameters, any Error>) { state.withLock { $0.life = life } }

  /// Waits before a dead member starts again.
  func rest() async throws { try await sleep(seconds: draw(in: 0...40)) }

  private func draw(in range: ClosedRange<Double>) -> Double {
    state.withLock { Double.random(in: range, using: &$0.generator) }
  }

  private func happens(_ mischief: Mischief, _ probability: Double) -> Bool {
    guard draw(in: 0...1) < probability else { return false }
    count.add(mischief)
    return true
  }

  private func sleep(seconds: Double) async throws {
    try await clock.sleep(until: clock.now + .milliseconds(Int64(seconds * 1000)))
  }

  /// Kills the member. Its task ends at its next suspension.
  private func die() throws {
    // A member with too many deaths would never finish.
    let life = state.withLock { state -> Task<ModelParameters, any Error>? in
      guard state.deaths < 6 else { return nil }
      state.deaths += 1
      return state.life
    }
    guard let life else { return }
    count.add(.death)
    life.cancel()
    throw CancellationError()
  }

  /// Does a call of the member, with what happens to it.
  func call<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    if happens(.stop, 0.01) {
      let end = clock.now + .seconds(Int(draw(in: 16...60)))
      state.withLock { $0.stoppedUntil = end }
    }
    try await waitWhileStopped()
    if happens(.delay, 0.1) { try await sleep(seconds: draw(in: 0...8)) }
    if draw(in: 0...1) < 0.01 { try die() }
    let unavailable = ConsiliumError(.unavailable, "no connection")
    if happens(.loss, 0.03) { throw unavailable }
    var result = try await body()
    if happens(.duplicate, 0.05) { result = try await body() }
    if happens(.loss, 0.03) { throw unavailable }
    if draw(in: 0...1) < 0.01 { try die() }
    try await waitWhileStopped()
    return result
  }

  func waitWhileStopped() async throws { try await clock.sleep(until: state.withLock(\.stoppedUntil)) }
}

private struct FatefulRegister: SwarmRegister {
  let base: InMemoryRegister
  let fate: Fate

  func entry(at key: SwarmKey) async throws -> SwarmEntry? { try await fate.call { base.entry(at: key) } }

  func entries(under key: SwarmKey) async throws -> SwarmSnapshot {
    try await fate.call { base.entries(under: key) }
  }

  func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?) async throws
    -> SwarmCreation
  {
    try await fate.call { base.create(key, value, lease: lease, fence: fence) }
  }

  func grantLease(of duration: Duration) async throws -> SwarmLease {
    try await fate.call { base.grantLease(of: duration) }
  }

  func renew(_ lease: SwarmLease.ID) async throws -> Bool { try await fate.call { base.renew(lease) } }
  func revoke(_ lease: SwarmLease.ID) async throws { try await fate.call { base.revoke(lease) } }

  /// Each change comes as late as a call, and the stream breaks at times.
  func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<SwarmChange, any Error> {
    let (stream, sink) = AsyncThrowingStream<SwarmChange, any Error>.makeStream()
    let task = Task(executorPreference: fate.executor) {
      do {
        for try await change in base.changes(under: key, after: revision) {
          try await fate.call { _ = sink.yield(change) }
        }
        sink.finish()
      } catch {
        sink.finish(throwing: error)
      }
    }
    sink.onTermination = { _ in task.cancel() }
    return stream
  }
}

private struct FatefulRelay: SwarmRelay {
  let base: InMemoryRelay
  let fate: Fate

  func put(_ parts: NamedParts) async throws -> String { try await fate.call { base.put(parts) } }
  func parts(_ digest: String) async throws -> NamedParts? { try await fate.call { base.parts(digest) } }
  func remove(_ digest: String) async throws { try await fate.call { base.remove(digest) } }
}

private struct FatefulTrainer: LocalTrainer {
  let base: ReferenceTrainer
  let fate: Fate

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    try await patiently { try await base.train(from: global, following: instruction) }
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    try await patiently { try await base.evaluate(model, on: part) }
  }

  /// A failed call of an engine would drop the site, so that the model would be another one.
  private func patiently<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result
  {
    while true {
      do { return try await fate.call(body) } catch let error as ConsiliumError
        where error.code == .unavailable
      {}
    }
  }
}

/// A number that several tasks raise.
private final class Counter: Sendable { let value = Atomic(0) }

/// Runs the tasks of one schedule on the thread that drives it, so that it is known when all of them wait.
private final class ScheduleExecutor: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// Runs jobs until all tasks wait.
  ///
  /// - Returns: Whether there was a job.
  func drain() -> Bool {
    var hasRun = false
    while true {
      let next = jobs.withLock { jobs in
        defer { jobs = [] }
        return jobs
      }
      guard !next.isEmpty else { return hasRun }
      hasRun = true
      for job in next { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }
}

/// A clock that moves from one time for which a task waits to the next one.
private final class SteppedClock: SwarmClock {
  private struct State {
    var now = Duration.zero
    var sleepers: [Int: Duration] = [:]
    var sleeps = 0
  }

  private let state = Mutex(State())
  private let advanced = Signal()

  var now: Duration { state.withLock(\.now) }

  func sleep(until time: Duration) async throws {
    let id = state.withLock { state in
      state.sleeps += 1
      state.sleepers[state.sleeps] = time
      return state.sleeps
    }
    defer { _ = state.withLock { $0.sleepers.removeValue(forKey: id) } }
    while true {
      let seen = advanced.count
      try Task.checkCancellation()
      if now >= time { return }
      await advanced.wait(after: seen)
    }
  }

  func step() {
    state.withLock { state in
      if let next = state.sleepers.values.filter({ $0 > state.now }).min() { state.now = next }
    }
    advanced.send()
  }
}
