import Foundation

/// The memory of the C library's heap.
package enum HeapMemory {
  /// Makes this process keep the memory of finished messages for later messages.
  ///
  /// A chunk of a file is slightly larger than the blocks that the C library returns to the system at once.
  /// Requesting the same pages again took an eighth of a round. One thread often frees a message that a
  /// different thread allocated. With one heap per thread, all heaps would therefore retain pages. As many
  /// heaps as cores are enough: on two cores, two heaps were faster than one or three.
  package static func keepForMessages() { _ = isKept }

  private static let isKept: Void = {
    // `mallopt` is not in Swift's view of the C library, and some C libraries do not have it.
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
