/// The value below which a share of the sorted numbers lies, interpolated linearly (as NumPy's default).
///
/// - Parameters:
///   - share: between 0 and 1.
///   - sorted: ascending, not empty.
public func percentile(_ share: Double, ofSorted sorted: [Double]) -> Double {
  precondition(!sorted.isEmpty && (0...1).contains(share))
  let position = share * Double(sorted.count - 1)
  let below = Int(position)
  guard below + 1 < sorted.count else { return sorted[below] }
  return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
}

/// The percentile interval of bootstrap replicates (Efron & Tibshirani 1993); `nil` if there are none.
public func percentileInterval(of replicates: [Double], level: Double = 0.95) -> ClosedRange<Double>? {
  guard !replicates.isEmpty else { return nil }
  let sorted = replicates.sorted()
  return percentile((1 - level) / 2, ofSorted: sorted)...percentile((1 + level) / 2, ofSorted: sorted)
}
