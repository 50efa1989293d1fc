import Synchronization

/// Ends work that stops making progress.
final class Watchdog: Sendable {
  private let last = Mutex(ContinuousClock.now)

  private init() {}

  /// Records progress.
  func feed() { last.withLock { $0 = .now } }

  /// Runs `body` until it ends. Throws `error` if `body` has not fed the watchdog for the duration
  /// `patience`.
  static func run<R: Sendable>(
    patience: Duration, orThrow error: any Error, _ body: @escaping @Sendable (Watchdog) async throws -> R
  ) async throws -> R {
    let watchdog = Watchdog()
    return try await withThrowingTaskGroup(of: R.self) { group in
      group.addTask { try await body(watchdog) }
      group.addTask {
        while true {
          let end = watchdog.last.withLock { $0 } + patience
          guard end > .now else { throw error }
          try await Task.sleep(until: end, clock: .continuous)
        }
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() else { throw CancellationError() }
      return result
    }
  }
}
