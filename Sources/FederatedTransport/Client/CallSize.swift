import Synchronization

/// How many bytes the next call of a transfer carries: more while calls are quick, fewer where they take long.
///
/// Each call costs a little; but what lies in the queue of a slow link cannot be overtaken, not even by the question whether the other
/// side is still there.
final class CallSize: Sendable {
  private static let quick = Duration.milliseconds(500), slow = Duration.seconds(4)

  private let most: Int
  private let current: Mutex<Int>

  /// - Parameter most: bytes that one call may carry.
  init(most: Int) {
    self.most = most
    current = Mutex(min(most, NetworkTuning.callBytes(asked: 0)))
  }

  /// How many chunks of so many bytes the next call carries; at least one.
  func chunks(of bytes: Int) -> Int { max(1, current.withLock { $0 } / bytes) }

  /// Takes into account how long a call took.
  func took(_ duration: Duration) {
    current.withLock { size in
      if duration < Self.quick {
        size = min(size * 2, most)
      } else if duration > Self.slow {
        size = max(size / 2, min(most, NetworkTuning.callBytes(asked: 1)))
      }
    }
  }

  /// Runs a call and takes into account how long it took.
  func measuring<Result>(_ call: () async throws -> Result) async rethrows -> Result {
    let begin = ContinuousClock.now
    let result = try await call()
    took(.now - begin)
    return result
  }
}
