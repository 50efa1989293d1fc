/// Equal bins over a range, the same at every site. A value outside the range is in the outermost bin.
public struct StatisticsGrid: Sendable, Codable, Equatable {
  /// The bins of a number of a patient.
  public static let numberBins = 256
  /// The bins of the intensities of images.
  public static let intensityBins = 64

  public let low: Double
  public let high: Double
  public let bins: Int

  /// The ends are rounded to 32 bits, in which they travel.
  ///
  /// - Returns: `nil` if the ends are not finite or the range is empty.
  public init?(low: Double, high: Double, bins: Int = numberBins) {
    let (low, high) = (Double(Float(low)), Double(Float(high)))
    guard low.isFinite, high.isFinite, low < high, bins > 0 else { return nil }
    self.low = low
    self.high = high
    self.bins = bins
  }

  public var width: Double { high - low }

  /// The bin of a value, from 0.
  public func bin(of value: Double) -> Int {
    let place = ((value - low) / width * Double(bins)).rounded(.down)
    return Int(min(max(place, 0), Double(bins - 1)))
  }

  /// The lower edge of a bin; of the bin after the last, the upper end of the range.
  public func edge(_ bin: Int) -> Double { low + width * Double(bin) / Double(bins) }

  /// Whether the range holds another one.
  public func holds(_ range: StatisticsRange) -> Bool {
    low <= Double(Float(range.low)) && high >= Double(Float(range.high))
  }
}

/// A site's answer to where its values lie: two round numbers with no patient's value as an end.
public struct StatisticsRange: Sendable, Codable, Equatable {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// The range from the `minimum`-th smallest to the `minimum`-th largest value, rounded outward to a step of
  /// about a tenth of its width.
  ///
  /// - Returns: `nil` if there are fewer values than twice the minimum, since they make one cell anyway.
  public init?(of values: [Double], minimum: Int) {
    self.init(lows: values, highs: values, minimum: minimum)
  }

  /// The same for patients that have a low and a high value each.
  public init?(lows: [Double], highs: [Double], minimum: Int) {
    let minimum = max(1, minimum)
    guard lows.count == highs.count, lows.count >= 2 * minimum else { return nil }
    let low = lows.sorted()[minimum - 1]
    let high = highs.sorted()[highs.count - minimum]
    guard low.isFinite, high.isFinite, low <= high else { return nil }
    let step = Self.step(max(high - low, abs(low) * 1e-3, 1e-6) / 10)
    self.init(low: (low / step).rounded(.down) * step, high: (high / step).rounded(.up) * step)
    // A range of one number that lies on a step.
    if self.low == self.high { (self.low, self.high) = (self.low - step, self.high + step) }
  }

  /// The least of 1, 2 and 5 times a power of ten that is not below a length.
  public static func step(_ length: Double) -> Double {
    var power = 1.0
    while power < length { power *= 10 }
    while power / 10 >= length { power /= 10 }
    return [power / 5, power / 2, power].first { $0 >= length } ?? power
  }

  /// The smallest range that holds both.
  public func union(_ other: StatisticsRange) -> StatisticsRange {
    StatisticsRange(low: min(low, other.low), high: max(high, other.high))
  }
}
