import Crypto
import FederatedCore
import Foundation
import Testing

@testable import FederatedTransport

struct BlobDescriptorTests {
  private let good = BlobDescriptor(size: 5, chunkSize: 2, chunkDigests: Data(count: 96)).message

  @Test func roundTrip() throws {
    #expect(try BlobDescriptor(good) == BlobDescriptor(size: 5, chunkSize: 2, chunkDigests: Data(count: 96)))
  }

  @Test(
    arguments: [
      (0, 2, 96, "a size of 0 bytes"), (UInt64.max, 2, 96, "a size of \(UInt64.max) bytes"),
      (5, 0, 96, "chunks of 0 bytes"), (5, UInt32.max, 96, "chunks of \(UInt32.max) bytes"),
      (5, 2, 95, "95 bytes of digests for 3 chunks"), (5, 2, 128, "128 bytes of digests for 3 chunks"),
      (5, 2, 0, "0 bytes of digests for 3 chunks"),
      // Multiplying this number of chunks by 32 would overflow.
      (UInt64(Int.max), 1, 96, "96 bytes of digests for \(Int.max) chunks"),
      (6, 2, 96, "a name that is not the digest of its chunks"),
    ] as [(UInt64, UInt32, Int, String)])
  func contradictoryDescriptorsAreRefused(size: UInt64, chunkSize: UInt32, digests: Int, fault: String) {
    var message = good
    (message.size, message.chunkSize, message.chunkDigests) = (size, chunkSize, Data(count: digests))
    let error = #expect(throws: ConsiliumError.self) { try BlobDescriptor(message) }
    #expect(error?.code == .invalidUpdate)
    #expect(error?.message.hasPrefix("a file was announced with \(fault)") == true, "\(error as Any)")
  }

  @Test func wrongDigestIsRefused() {
    var message = good
    message.digest = Data(SHA256.hash(data: Data()))
    #expect(throws: ConsiliumError.self) { try BlobDescriptor(message) }
    message.digest = Data()
    #expect(throws: ConsiliumError.self) { try BlobDescriptor(message) }
  }
}
