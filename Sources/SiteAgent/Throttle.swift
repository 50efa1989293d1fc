import Synchronization

/// Lets calls pass at most once per second.
final class Throttle: Sendable {
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  func passes() -> Bool {
    let now = ContinuousClock.now
    return last.withLock { last in
      if let last, now - last < .seconds(1) { return false }
      last = now
      return true
    }
  }
}
