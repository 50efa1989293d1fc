import Dispatch

/// The number of elements that a thread processes at a time. These elements take a quarter of a mebibyte, so
/// they stay in a core's cache.
private let rangeLength = 1 << 16

/// Calls `body` with ranges that cover `0..<count`, in parallel if there are several cores.
///
/// The ranges depend only on `count`, never on the number of cores.
package func forEachRange(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
  let ranges = (count + rangeLength - 1) / rangeLength
  @Sendable func range(_ index: Int) -> Range<Int> {
    index * rangeLength..<min(count, (index + 1) * rangeLength)
  }
  if ranges < 8 {
    for index in 0..<ranges { body(range(index)) }
  } else {
    DispatchQueue.concurrentPerform(iterations: ranges) { body(range($0)) }
  }
}

/// Calls `body` with the ranges of ``forEachRange(of:_:)``, in parallel, and returns the results in the order
/// of the ranges.
func mapRanges<R: Sendable>(of count: Int, _ body: @Sendable (Range<Int>) -> R) -> [R] {
  let ranges = (count + rangeLength - 1) / rangeLength
  return [R](unsafeUninitializedCapacity: ranges) { results, initialised in
    // Each element is written once, so it is safe to share the array's memory.
    nonisolated(unsafe) let results = results
    forEachRange(of: count) { range in
      (results.baseAddress! + range.lowerBound / rangeLength).initialize(to: body(range))
    }
    initialised = ranges
  }
}
