import Foundation
import GRPCNIOTransportHTTP2Posix
import ParameterFiles

/// HTTP/2 settings for large files. With the small default windows, mutual TLS reaches only a third of the
/// throughput. A window also limits how much memory a peer can occupy on the other side.
enum NetworkTuning {
  /// The maximum size of a message in bytes: the largest chunk and the fields around it.
  static let largestMessage = BlobDescriptor.largestChunkSize + 65_536
  /// The maximum size of a frame in bytes. The memory must suffice for one frame of each site.
  static let largestFrame = 256 << 20
  static let window = 4 << 20
  static let frame = 1 << 20
  /// Two amounts of memory, in bytes: the total for the links of all sites of a study, and the amount that
  /// each link needs in addition to the bytes of its call. With 29 or more sites, the total is exceeded,
  /// since every call carries at least one chunk.
  private static let (bytesOfAllSites, bytesOfOneLink) = (36 << 20, 3 << 18)
  private static let callBytes = BlobDescriptor.usualChunkSize...(4 << 20)

  /// The maximum number of bytes of a file per call, for each of `sites` sites. Larger calls are faster, but
  /// bytes that a fast disk reads for a slow link wait in memory.
  static func callBytes(sites: Int) -> Int {
    callBytes.clamp(bytesOfAllSites / max(1, sites) - bytesOfOneLink)
  }

  /// The number of bytes per call that the coordinator requested, limited to the accepted range.
  static func callBytes(asked: UInt32) -> Int { asked == 0 ? 1 << 20 : callBytes.clamp(Int(asked)) }

  static func apply(to http2: inout HTTP2ServerTransport.Config.HTTP2) {
    (http2.targetWindowSize, http2.maxFrameSize) = (window, frame)
    HeapMemory.keepForMessages()
    http2.maxConcurrentStreams = 64
  }

  static func apply(to http2: inout HTTP2ClientTransport.Config.HTTP2) {
    (http2.targetWindowSize, http2.maxFrameSize) = (window, frame)
    HeapMemory.keepForMessages()
  }
}

extension ClosedRange {
  fileprivate func clamp(_ value: Bound) -> Bound { Swift.min(Swift.max(value, lowerBound), upperBound) }
}
