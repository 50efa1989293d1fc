import EvaluationMetrics
import FederatedCore

/// A value with its percentile interval from the bootstrap, as printed in reports.
public struct SummaryEstimate: Sendable, Codable, Equatable {
  public var value: Double
  /// The ends of the interval; `nil` if there are no resamples, or if they do not vary.
  public var low: Double?
  public var high: Double?

  public init(value: Double, replicates: [Double], confidence: Double) {
    self.init(value, in: ConfidenceInterval.of(replicates, level: confidence))
  }

  init(_ value: Double, in interval: ClosedRange<Double>?) {
    self.value = value
    low = interval?.lowerBound
    high = interval?.upperBound
  }

  /// Creates an estimate with its interval. This is the interval that the site sent or, if it sent none, one
  /// computed from the replicates. There is no interval for fewer than five patients.
  public init(_ estimate: MetricEstimate, confidence: Double) {
    self.init(estimate.value, in: Self.interval(of: estimate, confidence))
  }

  private static func interval(of estimate: MetricEstimate, _ level: Double) -> ClosedRange<Double>? {
    guard estimate.patientCount >= SmallNumbers.interval else { return nil }
    guard let sent = estimate.interval else {
      return ConfidenceInterval.of(
        estimate.name, value: estimate.value, count: estimate.patientCount, replicates: estimate.replicates,
        level: level)
    }
    guard sent.low <= sent.high else { return nil }
    return ConfidenceInterval.withWidth(sent.low...sent.high)
      ?? ConfidenceInterval.exact(
        estimate.name, value: estimate.value, count: estimate.patientCount, level: level)
  }

  /// Computes a function of several estimates. The interval of the result comes from evaluating the function
  /// on the estimates' replicates, resample by resample.
  ///
  /// Models tested at one site share its resamples, so their common variation cancels in differences and
  /// ratios. Resamples of different sites are independent. If the uncertainty of some estimate is unknown,
  /// the result has no interval: it would be too narrow.
  /// - Parameters:
  ///   - pairs: The pairs of estimates whose difference the function uses; both estimates of a pair are from
  ///     one site. If given, resamples must show how uncertain each difference is. Otherwise, they must show
  ///     how uncertain each estimate is.
  ///   - function: Maps one value per estimate, in order, to the result; `nil` if it is undefined.
  /// - Returns: `nil` if the function is undefined for the values.
  public init?(
    of estimates: [MetricEstimate], pairs: [(MetricEstimate, MetricEstimate)]? = nil, confidence: Double,
    _ function: ([Double]) -> Double?
  ) {
    guard let value = function(estimates.map(\.value)), value.isFinite else { return nil }
    let hasInterval =
      estimates.allSatisfy { $0.patientCount >= SmallNumbers.interval }
      && (pairs?.allSatisfy(Self.varies) ?? estimates.allSatisfy(Self.varies))
    let count = hasInterval ? estimates.map(\.replicates.count).min() ?? 0 : 0
    let replicates = (0..<count).compactMap { index in function(estimates.map { $0.replicates[index] }) }
    self.init(value: value, replicates: replicates, confidence: confidence)
  }

  /// Whether resamples show how uncertain the estimate is. They do not if the site sent an exact interval, as
  /// for a share of 0 or 1. An exact interval is recognised by one end that equals the value.
  private static func varies(_ estimate: MetricEstimate) -> Bool {
    let isExact = estimate.interval.map { $0.low == estimate.value || $0.high == estimate.value } ?? false
    return !isExact && ConfidenceInterval.vary(estimate.replicates)
  }

  /// Whether resamples show how uncertain the difference of two estimates is. They do if either estimate
  /// varies, even if the difference is 0 in every resample because the two models agree on every patient.
  private static func varies(_ one: MetricEstimate, _ other: MetricEstimate) -> Bool {
    ConfidenceInterval.vary(one.replicates) || ConfidenceInterval.vary(other.replicates)
  }

  /// Whether a ratio to the value is meaningful: the interval is above 0, and its low end is at least half
  /// the value.
  ///
  /// `false` if there is no interval, since the value may then be close to zero.
  var isAwayFromZero: Bool {
    guard let low else { return false }
    return low > 0 && low >= value / 2
  }

  /// Whether the interval contains the value; `false` if there is no interval.
  func intervalContains(_ value: Double) -> Bool {
    guard let low, let high else { return false }
    return low <= value && value <= high
  }
}
