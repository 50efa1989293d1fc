import Testing

@testable import FederatedTransport

struct CallSizeTests {
  private let chunk = BlobDescriptor.usualChunkSize

  @Test func fastCallsGrowToTheMaximum() {
    let size = CallSize(most: 4 << 20)
    #expect(size.chunks(of: chunk) == 2)
    for expected in [4, 8, 8] {
      size.took(.milliseconds(100))
      #expect(size.chunks(of: chunk) == expected)
    }
  }

  @Test func slowCallsShrinkToOneChunk() {
    let size = CallSize(most: 4 << 20)
    for expected in [1, 1] {
      size.took(.seconds(10))
      #expect(size.chunks(of: chunk) == expected)
    }
    size.took(.seconds(1))
    #expect(size.chunks(of: chunk) == 1)
  }

  @Test func callSizeStaysBetweenOneChunkAndTheMaximum() {
    let size = CallSize(most: 3 << 19)
    #expect(size.chunks(of: chunk) == 2)
    #expect(size.chunks(of: 4 << 20) == 1)
    size.took(.zero)
    #expect(size.chunks(of: chunk) == 3)
  }

  @Test func failedCallDoesNotChangeTheSize() async {
    struct Broken: Error {}
    let size = CallSize(most: 4 << 20)
    await #expect(throws: Broken.self) { try await size.measuring { throw Broken() } }
    #expect(size.chunks(of: chunk) == 2)
  }
}
