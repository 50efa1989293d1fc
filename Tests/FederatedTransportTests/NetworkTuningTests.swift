import Testing

@testable import FederatedTransport

struct NetworkTuningTests {
  /// The amount of data queued for all sites is bounded, and every call carries at least one chunk.
  @Test(arguments: [
    (1, 4 << 20), (2, 4 << 20), (8, 15 << 18), (16, 3 << 19), (32, 1 << 19), (100_000, 1 << 19),
  ])
  func moreSitesMeanSmallerCalls(sites: Int, bytes: Int) {
    #expect(NetworkTuning.callBytes(sites: sites) == bytes)
  }

  @Test func requestedCallSizeIsBounded() {
    #expect(NetworkTuning.callBytes(asked: .max) == 4 << 20)
    #expect(NetworkTuning.callBytes(asked: 1) == 1 << 19)
    #expect(NetworkTuning.callBytes(asked: 0) == 1 << 20)
  }
}
