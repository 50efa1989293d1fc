import Testing

@testable import FederatedTransport

struct PacerTests {
  private let start = ContinuousClock.now

  @Test func bytesPassAtTheGivenRate() {
    var bucket = Pacer.Bucket(bytesPerSecond: 1000, at: start)
    #expect(bucket.take(500, at: start) == start + .milliseconds(500))
    #expect(bucket.take(1500, at: start) == start + .seconds(2))
    // A late caller gains nothing from earlier free time.
    #expect(bucket.take(1000, at: start + .seconds(2)) == start + .seconds(3))
  }

  @Test func pauseAllowsABurstOfAtMostOneSecond() {
    var bucket = Pacer.Bucket(bytesPerSecond: 1000, at: start)
    let later = start + .seconds(100)
    #expect(bucket.take(1000, at: later) == later)
    #expect(bucket.take(1000, at: later) == later + .seconds(1))
  }

  @Test func rateOfZeroMeansOneBytePerSecond() {
    var bucket = Pacer.Bucket(bytesPerSecond: 0, at: start)
    #expect(bucket.take(2, at: start) == start + .seconds(2))
  }
}
