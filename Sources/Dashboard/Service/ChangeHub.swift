import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Passes changes in the source on to all waiting browsers.
///
/// Each browser has a set of changes that it has not received yet, and a signal. A slow browser therefore
/// costs one entry per study, not a growing queue.
final class ChangeHub: Service {
  /// The state of one waiting browser.
  final class Place: Sendable {
    let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation
    private let pending = Mutex<Set<DashboardChange>>([])

    init() { (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func tell(_ change: DashboardChange?) {
      if let change { pending.withLock { _ = $0.insert(change) } }
      ring.yield()
    }

    /// Returns the changes since the last call; an empty set if the signal was only a sign of life.
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

  /// The maximum number of waiting browsers. Only an attack would need more.
  static let limit = 200

  private let source: any DashboardSource
  private let heartbeat: Duration
  private let state = Mutex(State())

  init(source: any DashboardSource, heartbeat: Duration) {
    self.source = source
    self.heartbeat = heartbeat
  }

  /// Adds a browser; returns `nil` if too many are waiting already.
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

  /// The number of waiting browsers.
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
      // Wait, so that a stream that ends at once does not cause a busy loop.
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private func beat() async {
    // Send signs of life, since intermediaries close silent connections.
    while (try? await Task.sleep(for: heartbeat)) != nil { tell(nil) }
  }

  private func tell(_ change: DashboardChange?) {
    for place in state.withLock({ Array($0.places.values) }) { place.tell(change) }
  }
}
