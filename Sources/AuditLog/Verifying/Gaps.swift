/// The numbers of missing entries, found because entries with higher numbers were read.
struct Gaps {
  struct Gap {
    var range: Range<Int>
    /// The line before which the missing entries should be.
    var line: Int

    var count: Int { range.count }

    /// The gap in words: `entry 7`, or `entries 7 to 9`.
    var words: String {
      count == 1
        ? "entry \(range.lowerBound)" : "entries \(range.lowerBound) to \(range.upperBound - 1)"
    }
  }

  /// The maximum number of gaps, so that a file that is not a log cannot use up the memory.
  private static let most = 10_000

  private(set) var open: [Gap] = []

  mutating func add(_ range: Range<Int>, line: Int) {
    if open.count < Self.most { open.append(Gap(range: range, line: line)) }
  }

  /// - Returns: whether the number was missing.
  mutating func fill(_ number: Int) -> Bool {
    guard let index = open.firstIndex(where: { $0.range.contains(number) }) else { return false }
    let gap = open[index]
    let rest = [gap.range.lowerBound..<number, (number + 1)..<gap.range.upperBound].filter { !$0.isEmpty }
    open.replaceSubrange(index...index, with: rest.map { Gap(range: $0, line: gap.line) })
    return true
  }
}
