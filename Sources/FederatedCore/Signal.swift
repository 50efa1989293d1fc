import Synchronization

/// Notifies any number of tasks that something has changed.
///
/// A signal counts how often it was sent. A waiting task first reads the count, then checks the state in
/// which it is interested, and then waits for a higher count. A change between the check and the wait raises
/// the count, so it is not missed:
///
/// ```swift
/// while !Task.isCancelled {
///   let seen = changes.count
///   if let assignment = assignments[site] { return assignment }
///   await changes.wait(after: seen)
/// }
/// ```
///
/// Whoever changes the state sends the signal after the change.
public final class Signal: Sendable {
  private struct State {
    var count = 0
    var waits = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// The number of times that the signal has been sent.
  public var count: Int { state.withLock(\.count) }

  /// The number of tasks that are waiting now.
  public var waiterCount: Int { state.withLock(\.waiting.count) }

  /// Wakes all waiting tasks.
  public func send() {
    let woken = state.withLock { state in
      state.count += 1
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in woken { continuation.resume() }
  }

  /// Returns as soon as the count is higher than `seen`, or the task is cancelled.
  public func wait(after seen: Int, isolation: isolated (any Actor)? = #isolation) async {
    let id = state.withLock { state in
      state.waits += 1
      return state.waits
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          // A task cancelled before this moment is not yet registered as a waiter, so check for cancellation
          // under the same lock.
          guard state.count <= seen, !Task.isCancelled else { return false }
          state.waiting[id] = continuation
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
  }
}

extension Signal {
  /// The signals sent from now on, for one task. Several signals between two reads are one element. Ends when
  /// the task is cancelled.
  public var sends: Sends { Sends(signal: self, seen: count) }

  public struct Sends: AsyncSequence, AsyncIteratorProtocol, Sendable {
    fileprivate let signal: Signal
    fileprivate var seen: Int

    public func makeAsyncIterator() -> Self { self }

    public mutating func next() async -> Void? {
      await signal.wait(after: seen)
      guard !Task.isCancelled else { return nil }
      seen = signal.count
      return ()
    }
  }
}
