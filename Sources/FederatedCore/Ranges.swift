import Dispatch

/// The elements that one thread takes at a time: a quarter of a mebibyte, which stays in a core's cache.
private let rangeLength = 1 << 16

/// Calls `body` with ranges that cover `0..<count`, side by side on all cores where there are several.
///
/// The ranges depend on `count` alone, never on the number of cores.
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

/// What `body` makes of each of the ranges of ``forEachRange(of:_:)``, in their order.
func mapRanges<R: Sendable>(of count: Int, _ body: @Sendable (Range<Int>) -> R) -> [R] {
  let ranges = (count + rangeLength - 1) / rangeLength
  return [R](unsafeUninitializedCapacity: ranges) { results, initialised in
    // The array's memory is safe to share here: each element is written once.
    nonisolated(unsafe) let results = results
    forEachRange(of: count) { range in
      (results.baseAddress! + range.lowerBound / rangeLength).initialize(to: body(range))
    }
    initialised = ranges
  }
}
