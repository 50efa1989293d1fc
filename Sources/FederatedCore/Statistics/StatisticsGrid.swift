/// Equal bins over a range, the same at every site. A value outside the range belongs to the outermost bin.
public struct StatisticsGrid: Sendable, Codable, Equatable {
  /// The maximum number of bins of a numeric item's grid.
  public static let numberBins = 256
  /// The number of bins of the grid of image intensities.
  public static let intensityBins = 64

  public let low: Double
  public let high: Double
  public let bins: Int
  /// Whether each bin stands for a single value, which is the middle of the bin. True if all values are whole
  /// multiples of a step.
  public let isOfValues: Bool

  /// Rounds the ends to 32 bits, the precision in which they are sent.
  ///
  /// - Returns: `nil` if the ends are not finite or the range is empty.
  public init?(low: Double, high: Double, bins: Int = numberBins, isOfValues: Bool = false) {
    let (low, high) = (Double(Float(low)), Double(Float(high)))
    guard low.isFinite, high.isFinite, low < high, bins > 0 else { return nil }
    self.low = low
    self.high = high
    self.bins = bins
    self.isOfValues = isOfValues
  }

  /// Creates the grid over a range. It has one bin per value if the range has a step and few enough values,
  /// otherwise the maximum number of bins.
  public init?(over range: StatisticsRange, bins: Int = numberBins) {
    if let step = range.step {
      let first = (range.low / step).rounded()
      let values = (range.high / step).rounded() - first + 1
      if values >= 2, values <= Double(bins) {
        let low = (first - 0.5) * step
        self.init(low: low, high: low + values * step, bins: Int(values), isOfValues: true)
        return
      }
    }
    self.init(low: range.low, high: range.high, bins: bins)
  }

  public var width: Double { high - low }

  /// The bin of a value, counted from 0.
  public func bin(of value: Double) -> Int {
    let place = ((value - low) / width * Double(bins)).rounded(.down)
    return Int(min(max(place, 0), Double(bins - 1)))
  }

  /// The lower edge of a bin. For the bin after the last, the upper end of the range.
  public func edge(_ bin: Int) -> Double { low + width * Double(bin) / Double(bins) }

  public func middle(_ bin: Int) -> Double { (edge(bin) + edge(bin + 1)) / 2 }

  /// Whether this range contains another range.
  public func holds(_ range: StatisticsRange) -> Bool {
    low <= Double(Float(range.low)) && high >= Double(Float(range.high))
  }
}

/// A site's statement of the range of its values: two rounded numbers. Neither end is a patient's exact
/// value.
public struct StatisticsRange: Sendable, Codable, Equatable {
  public var low: Double
  public var high: Double
  /// The step of the values, such as 1 for whole numbers: all values are whole multiples of the step.
  /// Exceptions are allowed if they are fewer than the minimum number of patients. `nil` if there is no such
  /// step.
  public var step: Double?

  public init(low: Double, high: Double, step: Double? = nil) {
    self.low = low
    self.high = high
    self.step = step
  }

  /// The range from the `minimum`-th smallest to the `minimum`-th largest value. Its ends are rounded
  /// outwards to multiples of about a tenth of its width.
  ///
  /// - Returns: `nil` if the number of values is less than twice the minimum, since so few values form one
  ///   cell anyway.
  public init?(of values: [Double], minimum: Int) {
    self.init(lows: values, highs: values, minimum: minimum)
    step = Self.step(of: values, minimum: minimum)
  }

  /// The largest step of which all values are whole multiples. Exceptions are allowed if they are fewer than
  /// the minimum. The possible steps are 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5 and 10. `nil` if none of
  /// them fits.
  public static func step(of values: [Double], minimum: Int) -> Double? {
    [10, 5, 1, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001].first { step in
      values.count { abs($0 / step - ($0 / step).rounded()) > 1e-6 * max(1, abs($0 / step)) }
        < max(1, minimum)
    }
  }

  /// Creates the range from each patient's lowest and highest value.
  public init?(lows: [Double], highs: [Double], minimum: Int) {
    let minimum = max(1, minimum)
    guard lows.count == highs.count, lows.count >= 2 * minimum else { return nil }
    let low = lows.sorted()[minimum - 1]
    let high = highs.sorted()[highs.count - minimum]
    guard low.isFinite, high.isFinite, low <= high else { return nil }
    let step = Self.step(max(high - low, abs(low) * 1e-3, 1e-6) / 10)
    self.init(low: (low / step).rounded(.down) * step, high: (high / step).rounded(.up) * step)
    // If both ends were rounded to the same number, widen the range by a step on each side.
    if self.low == self.high { (self.low, self.high) = (self.low - step, self.high + step) }
  }

  /// The smallest number that is at least `length` and is 1, 2 or 5 times a power of ten.
  public static func step(_ length: Double) -> Double {
    var power = 1.0
    while power < length { power *= 10 }
    while power / 10 >= length { power /= 10 }
    return [power / 5, power / 2, power].first { $0 >= length } ?? power
  }

  /// The smallest range that contains both ranges, with a step that fits the values of both.
  public func union(_ other: StatisticsRange) -> StatisticsRange {
    // Each step is a whole multiple of every smaller step.
    let step = step.flatMap { own in other.step.map { min(own, $0) } }
    return StatisticsRange(low: min(low, other.low), high: max(high, other.high), step: step)
  }
}
