import Credentials
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
    /// The visitor of each place.
    var owners: [Int: Party] = [:]
    var next = 0
    var isClosed = false
  }

  private let source: any DashboardSource
  private let heartbeat: Duration
  private let limits: DashboardLimits
  private let state = Mutex(State())

  init(source: any DashboardSource, heartbeat: Duration, limits: DashboardLimits = DashboardLimits()) {
    self.source = source
    self.heartbeat = heartbeat
    self.limits = limits
  }

  /// Adds a browser of a visitor.
  ///
  /// - Throws: ``Problem`` if too many are waiting already, of the visitor or in all.
  func enter(_ visitor: Party) throws(Problem) -> (id: Int, place: Place) {
    try state.withLock { state throws(Problem) in
      guard state.places.count < limits.eventStreams, !state.isClosed else { throw Problem.tooManyListeners }
      guard state.owners.values.count(where: { $0 == visitor }) < limits.eventStreamsPerVisitor else {
        throw Problem.tooManyStreams(limits.eventStreamsPerVisitor)
      }
      let place = Place()
      state.next += 1
      state.places[state.next] = place
      state.owners[state.next] = visitor
      return (state.next, place)
    }
  }

  func leave(_ id: Int) {
    state.withLock { state in
      state.places[id] = nil
      state.owners[id] = nil
    }
  }

  /// The number of waiting browsers.
  var count: Int { state.withLock { $0.places.count } }

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
