import Synchronization

/// Tells any number of tasks that something has changed.
///
/// A signal counts how often it was sent. A task that waits reads the count first, then looks at the state that it waits
/// for, and then waits for a higher count. A change between the look and the wait raises the count, so it is not missed:
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

  /// The number of times that the signal was sent.
  public var count: Int { state.withLock(\.count) }

  /// The number of tasks that wait at present.
  public var waiterCount: Int { state.withLock(\.waiting.count) }

  /// Wakes all tasks that wait.
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
          // Cancellation before this moment finds nobody to wake, so it is asked for under the same lock.
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
  /// The sends from now on, for one task; several that come before it looks count as one. Ends when the task is cancelled.
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
