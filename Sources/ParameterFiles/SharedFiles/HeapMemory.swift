import Foundation

/// Settings of the C library's heap.
package enum HeapMemory {
  /// Makes this process keep the memory of finished messages for later messages.
  ///
  /// By default, the C library returns blocks as large as a file's chunk to the system at once. Requesting
  /// the same pages again took an eighth of a round's time.
  ///
  /// The number of heaps is limited to the number of cores. One thread often frees a message that a different
  /// thread allocated, so with one heap per thread, every heap would retain pages. On two cores, two heaps
  /// were faster than one or three.
  package static func keepForMessages() { _ = isKept }

  private static let isKept: Void = {
    // Look up `mallopt` at run time: Swift does not import it, and some C libraries do not have it.
    guard let symbol = dlsym(nil, "mallopt") else { return }
    typealias Option = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt
    let mallopt = unsafeBitCast(symbol, to: Option.self)
    let trimThreshold: CInt = -1
    let mappingThreshold: CInt = -3
    let heaps: CInt = -8
    _ = mallopt(mappingThreshold, 4 << 20)
    _ = mallopt(trimThreshold, 16 << 20)
    _ = mallopt(heaps, CInt(max(2, ProcessInfo.processInfo.activeProcessorCount)))
  }()
}
