import FederatedCore
import Synchronization

/// The clock of a swarm: leases and waits are measured with it. It decides who merges and when, never what
/// the model is.
public protocol SwarmClock: Sendable {
  /// The time since an arbitrary start.
  var now: Duration { get }

  /// Returns once the clock has reached `time`.
  ///
  /// - Throws: `CancellationError` if the task is cancelled.
  func sleep(until time: Duration) async throws
}

/// The clock of the machine, which continues while the machine is suspended.
public struct MachineSwarmClock: SwarmClock {
  private let start = ContinuousClock.now

  public init() {}

  public var now: Duration { ContinuousClock.now - start }

  public func sleep(until time: Duration) async throws {
    try await Task.sleep(until: start + time, clock: .continuous)
  }
}

/// A clock that moves only on request. In a simulation it never moves, so that no lease ends.
public final class ManualSwarmClock: SwarmClock {
  private let time = Mutex(Duration.zero)
  private let advanced = Signal()

  public init() {}

  public var now: Duration { time.withLock { $0 } }

  public func advance(by duration: Duration) {
    time.withLock { $0 += duration }
    advanced.send()
  }

  public func sleep(until time: Duration) async throws {
    while true {
      let seen = advanced.count
      try Task.checkCancellation()
      if now >= time { return }
      await advanced.wait(after: seen)
    }
  }
}
