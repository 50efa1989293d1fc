/// Holds a stream of bytes to a rate: a bucket that fills steadily and holds one second's worth.
actor Pacer {
  private let bytesPerSecond: Double
  private let clock = ContinuousClock()
  /// When the bytes that were let through so far would have passed at the rate.
  private var due: ContinuousClock.Instant

  init(bytesPerSecond: Int) {
    self.bytesPerSecond = Double(max(1, bytesPerSecond))
    due = clock.now
  }

  /// Returns when so many more bytes may pass.
  func take(_ bytes: Int) async throws {
    let start = max(due, clock.now - .seconds(1))
    due = start + .seconds(Double(bytes) / bytesPerSecond)
    if due > clock.now { try await clock.sleep(until: due) }
  }
}
