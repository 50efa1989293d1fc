import Testing

@testable import FederatedTransport

struct NetworkTuningTests {
  /// What is on its way to all sites has a bound, and no call is less than a chunk.
  @Test(arguments: [
    (1, 4 << 20), (2, 4 << 20), (8, 15 << 18), (16, 3 << 19), (32, 1 << 19), (100_000, 1 << 19),
  ])
  func moreSitesHaveSmallerCalls(sites: Int, bytes: Int) {
    #expect(NetworkTuning.callBytes(sites: sites) == bytes)
  }

  @Test func aCoordinatorCannotAskForMoreThanMemoryHolds() {
    #expect(NetworkTuning.callBytes(asked: .max) == 4 << 20)
    #expect(NetworkTuning.callBytes(asked: 1) == 1 << 19)
    #expect(NetworkTuning.callBytes(asked: 0) == 1 << 20)
  }
}
