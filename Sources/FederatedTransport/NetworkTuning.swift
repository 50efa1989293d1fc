import Foundation
import GRPCNIOTransportHTTP2Posix

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
    _ = keepMessageMemory
    http2.maxConcurrentStreams = 64
  }

  static func apply(to http2: inout HTTP2ClientTransport.Config.HTTP2) {
    (http2.targetWindowSize, http2.maxFrameSize) = (window, frame)
    _ = keepMessageMemory
  }

  /// Lets this process keep the memory of some messages when they are done with, for those that follow.
  ///
  /// A chunk is a little larger than what the C library gives back to the system at once; an eighth of a round went into asking for the
  /// same pages again. And a message is given back by another thread than asked for it, which with a heap for each thread leaves pages in
  /// all of them. As many heaps as cores are enough: on two cores two were quicker than one, and than three.
  private static let keepMessageMemory: Void = {
    // Not part of Swift's view of the C library, and not in all of them.
    guard let symbol = dlsym(nil, "mallopt") else { return }
    typealias Option = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt
    let mallopt = unsafeBitCast(symbol, to: Option.self)
    let (trimThreshold, mappingThreshold, heaps): (CInt, CInt, CInt) = (-1, -3, -8)
    _ = mallopt(mappingThreshold, 4 << 20)
    _ = mallopt(trimThreshold, 16 << 20)
    _ = mallopt(heaps, CInt(max(2, ProcessInfo.processInfo.activeProcessorCount)))
  }()
}

extension ClosedRange {
  fileprivate func clamp(_ value: Bound) -> Bound { Swift.min(Swift.max(value, lowerBound), upperBound) }
}
