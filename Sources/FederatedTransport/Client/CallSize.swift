import Synchronization

/// The number of bytes per call of a transfer, doubled while calls are fast and halved when they are slow.
///
/// Large calls have less overhead, but queued bytes on a slow link delay everything behind them, even
/// keepalive pings.
final class CallSize: Sendable {
  private static let quick = Duration.milliseconds(500), slow = Duration.seconds(4)

  private let most: Int
  private let current: Mutex<Int>

  /// - Parameter most: the maximum number of bytes per call.
  init(most: Int) {
    self.most = most
    current = Mutex(min(most, NetworkTuning.callBytes(asked: 0)))
  }

  /// The number of chunks in the next call if each has `bytes` bytes; at least one.
  func chunks(of bytes: Int) -> Int { max(1, current.withLock { $0 } / bytes) }

  /// Adapts the size to the duration of a call.
  func took(_ duration: Duration) {
    current.withLock { size in
      if duration < Self.quick {
        size = min(size * 2, most)
      } else if duration > Self.slow {
        size = max(size / 2, min(most, NetworkTuning.callBytes(asked: 1)))
      }
    }
  }

  /// Runs a call and adapts the size to its duration.
  func measuring<Result>(_ call: () async throws -> Result) async rethrows -> Result {
    let begin = ContinuousClock.now
    let result = try await call()
    took(.now - begin)
    return result
  }
}
