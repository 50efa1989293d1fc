import EvaluationMetrics
import FederatedCore

/// A value with its percentile interval from the bootstrap, as reports print it.
public struct SummaryEstimate: Sendable, Codable, Equatable {
  public var value: Double
  /// The ends of the interval; nil where the study asks for no resamples.
  public var low: Double?
  public var high: Double?

  public init(value: Double, replicates: [Double], confidence: Double) {
    let interval = percentileInterval(of: replicates.filter(\.isFinite), level: confidence)
    self.value = value
    low = interval?.lowerBound
    high = interval?.upperBound
  }

  /// The estimate with the interval computed by its site, or otherwise from its replicates. Without an
  /// interval if there are fewer than five patients.
  public init(_ estimate: MetricEstimate, confidence: Double) {
    let isSmall = estimate.patientCount < SmallNumbers.interval
    self.init(
      value: estimate.value, replicates: isSmall ? [] : estimate.replicates, confidence: confidence)
    if let interval = estimate.interval, !isSmall { (low, high) = (interval.low, interval.high) }
  }

  /// A function of several estimates, whose interval comes from the function of their replicates, resample by resample.
  ///
  /// Models of one site share its resamples, so what they have in common cancels in differences and ratios; resamples of
  /// different sites are independent.
  /// - Parameter function: of one value for each estimate, in order; nil where it is not defined.
  /// - Returns: nil where the function is not defined on the values.
  public init?(of estimates: [MetricEstimate], confidence: Double, _ function: ([Double]) -> Double?) {
    guard let value = function(estimates.map(\.value)), value.isFinite else { return nil }
    // Resamples of very few patients hardly vary, so their interval would be too narrow.
    let isSmall = estimates.contains { $0.patientCount < SmallNumbers.interval }
    let count = isSmall ? 0 : estimates.map(\.replicates.count).min() ?? 0
    let replicates = (0..<count).compactMap { index in function(estimates.map { $0.replicates[index] }) }
    self.init(value: value, replicates: replicates, confidence: confidence)
  }

  /// Whether a ratio to the value is meaningful: the interval is above 0, and its low end is at least half
  /// the value.
  ///
  /// `false` without an interval, since the value may then be close to zero.
  var isAwayFromZero: Bool {
    guard let low else { return false }
    return low > 0 && low >= value / 2
  }

  /// True where the value lies in the interval; false where there is no interval.
  func intervalContains(_ value: Double) -> Bool {
    guard let low, let high else { return false }
    return low <= value && value <= high
  }
}
