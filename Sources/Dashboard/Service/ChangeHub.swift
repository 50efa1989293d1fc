import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Passes what changes in the source on to every browser that waits.
///
/// Each has a set of changes that it has not heard of and a bell, so that a slow browser costs one entry a study, not a queue.
final class ChangeHub: Service {
  /// One browser's place.
  final class Place: Sendable {
    let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation
    private let pending = Mutex<Set<DashboardChange>>([])

    init() { (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func tell(_ change: DashboardChange?) {
      if let change { pending.withLock { _ = $0.insert(change) } }
      ring.yield()
    }

    /// What was told since the last call; nothing where the bell was a sign of life.
    func take() -> Set<DashboardChange> {
      pending.withLock { pending in
        defer { pending = [] }
        return pending
      }
    }

    func close() { ring.finish() }
  }

  private struct State {
    var places: [Int: Place] = [:]
    var next = 0
    var isClosed = false
  }

  /// More would only be an attack.
  static let limit = 200

  private let source: any DashboardSource
  private let heartbeat: Duration
  private let state = Mutex(State())

  init(source: any DashboardSource, heartbeat: Duration) {
    self.source = source
    self.heartbeat = heartbeat
  }

  /// Nil where there are too many already.
  func enter() -> (id: Int, place: Place)? {
    state.withLock { state in
      guard state.places.count < Self.limit, !state.isClosed else { return nil }
      let place = Place()
      state.next += 1
      state.places[state.next] = place
      return (state.next, place)
    }
  }

  func leave(_ id: Int) { state.withLock { $0.places[id] = nil } }

  /// How many wait.
  var count: Int { state.withLock { $0.places.count } }

  var hasRoom: Bool { state.withLock { $0.places.count < Self.limit && !$0.isClosed } }

  func run() async throws {
    await withTaskGroup { group in
      group.addTask { await self.listen() }
      group.addTask { await self.beat() }
      try? await gracefulShutdown()
      group.cancelAll()
    }
    state.withLock { state in
      state.isClosed = true
      for place in state.places.values { place.close() }
    }
  }

  private func listen() async {
    while !Task.isCancelled {
      for await change in source.changes() { tell(change) }
      // A stream that ends at once must not make a busy loop.
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private func beat() async {
    // A timer, not polling: intermediaries close connections that stay silent.
    while (try? await Task.sleep(for: heartbeat)) != nil { tell(nil) }
  }

  private func tell(_ change: DashboardChange?) {
    for place in state.withLock({ Array($0.places.values) }) { place.tell(change) }
  }
}
