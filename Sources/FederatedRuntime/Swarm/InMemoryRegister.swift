import FederatedCore
import Synchronization

/// A register in the memory of one process. The swarm of a simulation uses it, and so do tests.
public final class InMemoryRegister: SwarmRegister {
  private struct Lease {
    var duration: Duration
    var end: Duration
    var keys: Set<SwarmKey> = []
    /// Removes the entries of the lease at its end, also if nobody calls the register then.
    var timer: Task<Void, Never>?
  }

  private struct Watcher {
    var prefix: SwarmKey
    var revision: Int
    var sink: AsyncThrowingStream<SwarmChange, any Error>.Continuation

    /// Sends a change that the watcher has not seen yet.
    func send(_ change: SwarmChange) {
      guard change.revision > revision, change.key.isUnder(prefix) else { return }
      sink.yield(change)
    }
  }

  private struct State {
    var revision = 0
    var entries: [SwarmKey: SwarmEntry] = [:]
    var leases: [SwarmLease.ID: Lease] = [:]
    var grantedLeases: Int64 = 0
    /// All changes, oldest first.
    var history: [SwarmChange] = []
    var watchers: [Int: Watcher] = [:]
    var openedWatchers = 0
  }

  private let clock: any SwarmClock
  private let state = Mutex(State())
  /// The watchers whose streams have ended.
  private let ended = Mutex<Set<Int>>([])

  public init(clock: any SwarmClock = MachineSwarmClock()) { self.clock = clock }

  deinit {
    state.withLock { state in
      for lease in state.leases.values { lease.timer?.cancel() }
      for watcher in state.watchers.values { watcher.sink.finish() }
    }
  }

  // MARK: Entries

  public func entry(at key: SwarmKey) -> SwarmEntry? { withState { $0.entries[key] } }

  public func entries(under key: SwarmKey) -> SwarmSnapshot {
    withState { state in
      let found = state.entries.values.filter { $0.key.isUnder(key) }
      return SwarmSnapshot(entries: found.sorted { $0.key < $1.key }, revision: state.revision)
    }
  }

  public func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?)
    -> SwarmCreation
  {
    withState { state in
      if let fence, state.entries[fence.key]?.revision != fence.revision { return .fenced }
      if let lease, state.leases[lease] == nil { return .fenced }
      if let existing = state.entries[key] { return .exists(existing) }
      state.revision += 1
      let entry = SwarmEntry(key: key, value: value, revision: state.revision)
      state.entries[key] = entry
      if let lease { state.leases[lease]?.keys.insert(key) }
      publish(.created(entry), &state)
      return .created(entry)
    }
  }

  public func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<
    SwarmChange, any Error
  > {
    let (stream, sink) = AsyncThrowingStream<SwarmChange, any Error>.makeStream()
    let id = withState { state in
      let watcher = Watcher(prefix: key, revision: revision, sink: sink)
      for change in state.history { watcher.send(change) }
      state.openedWatchers += 1
      state.watchers[state.openedWatchers] = watcher
      return state.openedWatchers
    }
    // Do not lock the state here. A cancellation, which waits for this, blocks the task that reads the stream;
    // and whoever sends a change to that task has locked the state.
    sink.onTermination = { [weak self] _ in _ = self?.ended.withLock { $0.insert(id) } }
    return stream
  }

  // MARK: Leases

  public func grantLease(of duration: Duration) -> SwarmLease {
    let lease = withState { state in
      state.grantedLeases += 1
      let lease = SwarmLease(id: .init(state.grantedLeases), duration: duration)
      state.leases[lease.id] = Lease(duration: duration, end: clock.now + duration)
      return lease
    }
    let timer = Task { [weak self, clock] in
      while let end = self?.end(of: lease.id) {
        do { try await clock.sleep(until: end) } catch { return }
        self?.withState { _ in }
      }
    }
    let isOver = state.withLock { state in
      state.leases[lease.id]?.timer = timer
      return state.leases[lease.id] == nil
    }
    if isOver { timer.cancel() }
    return lease
  }

  public func renew(_ lease: SwarmLease.ID) -> Bool {
    withState { state in
      guard let duration = state.leases[lease]?.duration else { return false }
      state.leases[lease]?.end = clock.now + duration
      return true
    }
  }

  public func revoke(_ lease: SwarmLease.ID) { withState { end(lease, &$0) } }

  private func end(of lease: SwarmLease.ID) -> Duration? { state.withLock { $0.leases[lease]?.end } }

  // MARK: State

  /// Runs `body` on the present state, without the leases whose time is over.
  private func withState<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> Result {
    state.withLock { state in
      let now = clock.now
      let over = state.leases.filter { $0.value.end <= now }
      for lease in over.sorted(by: { ($0.value.end, $0.key.number) < ($1.value.end, $1.key.number) }) {
        end(lease.key, &state)
      }
      return body(&state)
    }
  }

  private func end(_ id: SwarmLease.ID, _ state: inout State) {
    guard let lease = state.leases.removeValue(forKey: id) else { return }
    lease.timer?.cancel()
    for key in lease.keys.sorted() {
      state.entries[key] = nil
      state.revision += 1
      publish(.removed(key, revision: state.revision), &state)
    }
  }

  private func publish(_ change: SwarmChange, _ state: inout State) {
    state.history.append(change)
    let over = ended.withLock { ended in
      defer { ended = [] }
      return ended
    }
    for id in over { state.watchers[id] = nil }
    for id in state.watchers.keys { state.watchers[id]?.send(change) }
  }
}
