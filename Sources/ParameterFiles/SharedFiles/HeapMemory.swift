import Foundation

/// The memory of the C library's heap.
package enum HeapMemory {
  /// Lets this process keep the memory of messages that it has finished with, for those that follow.
  ///
  /// A chunk of a file is a little larger than what the C library returns to the system at once; an eighth of a round went
  /// into asking for the same pages again. A message is freed by another thread than the one that allocated it, which
  /// with a heap for each thread leaves pages in all of them. As many heaps as cores are enough: on two cores two were
  /// quicker than one, and than three.
  package static func keepForMessages() { _ = isKept }

  private static let isKept: Void = {
    // Not part of Swift's view of the C library, and not in all of them.
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
