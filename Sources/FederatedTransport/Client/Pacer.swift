/// Limits a stream of bytes to a rate, with a token bucket that holds the bytes of one second.
actor Pacer {
  private let clock = ContinuousClock()
  private var bucket: Bucket

  init(bytesPerSecond: Int) { bucket = Bucket(bytesPerSecond: bytesPerSecond, at: clock.now) }

  /// Waits until `bytes` more bytes may pass.
  func take(_ bytes: Int) async throws {
    let due = bucket.take(bytes, at: clock.now)
    if due > clock.now { try await clock.sleep(until: due) }
  }

  /// The arithmetic of a ``Pacer``, without the clock.
  struct Bucket {
    private let bytesPerSecond: Double
    /// The time at which all bytes so far would have passed at the given rate.
    private var due: ContinuousClock.Instant

    init(bytesPerSecond: Int, at now: ContinuousClock.Instant) {
      self.bytesPerSecond = Double(max(1, bytesPerSecond))
      due = now
    }

    /// The time at which `bytes` more bytes may pass.
    mutating func take(_ bytes: Int, at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
      due = max(due, now - .seconds(1)) + .seconds(Double(bytes) / bytesPerSecond)
      return due
    }
  }
}
