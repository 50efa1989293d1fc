import Foundation
import GRPCNIOTransportHTTP2Posix
import ParameterFiles

/// How HTTP/2 is set for large files: with the usual small windows, mutual TLS moves a third as much. A window is also what a peer can
/// make the other side hold in memory.
enum NetworkTuning {
  /// Bytes; a chunk and what goes around it.
  static let largestMessage = BlobDescriptor.largestChunkSize + 65_536
  static let window = 4 << 20
  static let frame = 1 << 20
  /// What one call of every site of a study may hold in memory, in bytes, and the part of it that each link takes beside its file. From 29
  /// sites on it is more, since no call carries less than a chunk.
  private static let (bytesOfAllSites, bytesOfOneLink) = (36 << 20, 3 << 18)
  private static let callBytes = BlobDescriptor.usualChunkSize...(4 << 20)

  /// How many bytes of a file one call may carry for each of so many sites: more make it faster, and what a fast disk reads for a slow
  /// link waits in memory.
  static func callBytes(sites: Int) -> Int {
    callBytes.clamp(bytesOfAllSites / max(1, sites) - bytesOfOneLink)
  }

  /// What the coordinator asks for, within bounds.
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
