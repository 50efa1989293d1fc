// The whole phantom uses only additions, multiplications, divisions and square roots. These are exact to the
// last bit on every machine, so one seed yields the same bytes everywhere.
extension RandomNumberGenerator {
  /// A number uniform in [0, 1).
  mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func next(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + nextUnit() * (range.upperBound - range.lowerBound)
  }

  /// A number with mean 0 and variance 1, nearly normal: the sum of four uniform numbers, shifted and scaled.
  mutating func nextNormal() -> Double {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    // Four uniform numbers in [0, 1) have mean 2 and variance 1/3.
    return (Double(sum) * 0x1p-16 - 2) * 1.7320508075688772
  }
}

/// A smooth step: 0 below `low`, 1 above `high`, and a smooth rise in between.
func smoothStep(_ value: Float, from low: Float, to high: Float) -> Float {
  let t = min(max((value - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}

/// The number between `a` (for `amount` 0) and `b` (for `amount` 1), by linear interpolation.
func mix(_ a: Float, _ b: Float, _ amount: Float) -> Float { a + (b - a) * amount }
