/// Maps values to positions on the page.
package struct LinearScale {
  var domain: ClosedRange<Double>
  /// The position of the domain's lower bound on the page. It may be greater than `end`, the position of the
  /// upper bound, as on a vertical axis.
  var start: Double
  var end: Double

  func callAsFunction(_ value: Double) -> Double {
    start + (end - start) * (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
  }

  /// The position of a value. A value outside the domain has the position of the nearest bound.
  func clamped(_ value: Double) -> Double {
    callAsFunction(min(max(value, domain.lowerBound), domain.upperBound))
  }

  /// The largest absolute value that a bound of a domain may have. With larger bounds, the width could
  /// overflow to infinity.
  private static let largest = 1e300

  /// A domain with round ends that contains all values and is never empty.
  ///
  /// - Parameter limits: The range within which the domain must stay, such as 0...1.
  package static func niceDomain(of values: [Double], within limits: ClosedRange<Double>? = nil)
    -> ClosedRange<
      Double
    >
  {
    let finite = values.filter(\.isFinite).map { min(max($0, -largest), largest) }
    guard var low = finite.min(), var high = finite.max() else { return limits ?? 0...1 }
    if high - low < 1e-9 * max(abs(high), 1) {
      // Scale the margin with the values: next to large values, a fixed small margin would be lost to
      // rounding.
      let margin = max(0.05, 1e-9 * abs(high))
      (low, high) = (low - margin, high + margin)
    }
    let step = Ticks.step(for: low...high, count: 5)
    low = (low / step).rounded(.down) * step
    high = (high / step).rounded(.up) * step
    guard let limits else { return low...high }
    let (clampedLow, clampedHigh) = (max(low, limits.lowerBound), min(high, limits.upperBound))
    return clampedLow < clampedHigh ? clampedLow...clampedHigh : low...high
  }
}

/// Round numbers along an axis.
struct Ticks {
  let values: [Double]
  /// The number of decimals that distinguish the tick values.
  let digits: Int

  init(_ domain: ClosedRange<Double>, count: Int, wholeNumbers: Bool = false) {
    var step = Self.step(for: domain, count: count)
    if wholeNumbers { step = max(step.rounded(.up), 1) }
    let first = (domain.lowerBound / step - 1e-9).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    // Count the steps with an integer, since adding 1 to a huge floating-point number may change nothing.
    // Only an infinite domain has too many steps.
    let span = last - first
    values = (0..<100).contains(span) ? (0...Int(span)).map { (first + Double($0)) * step } : []
    digits =
      (0...6).first { digits in
        let scaled = (0..<digits).reduce(step) { value, _ in value * 10 }
        return abs(scaled - scaled.rounded()) < 1e-6
      } ?? 6
  }

  func text(_ value: Double) -> String { NumberText.fixed(value, digits: digits) }

  /// The step between ticks, with which about `count` steps fill the domain. It is 1, 2 or 5 times a power of
  /// ten.
  static func step(for domain: ClosedRange<Double>, count: Int) -> Double {
    let rough = (domain.upperBound - domain.lowerBound) / Double(max(count, 1))
    guard rough > 0, rough.isNormal else { return 1 }
    var power = 1.0
    while power > rough { power /= 10 }
    while power * 10 <= rough { power *= 10 }
    return power * ([1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10)
  }
}
