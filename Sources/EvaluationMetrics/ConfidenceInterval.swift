import Foundation

/// Computes confidence intervals from bootstrap replicates. There is no interval if all replicates are equal.
///
/// If all patients have the same result, so do all resamples. The bootstrap would then yield an interval of
/// width zero, as if the value were certain.
public enum ConfidenceInterval {
  /// The largest difference between two replicates that rounding alone can cause.
  private static let rounding = 1e-9

  /// - Parameters:
  ///   - metric: the metric's name. An accuracy of 0 or 1 gets the interval of
  ///     ``exact(_:value:count:level:)``.
  ///   - count: the number of patients (or other units) from which the value was computed.
  /// - Returns: `nil` if there are no replicates. Also `nil` if the interval would have no width, except for
  ///   an accuracy of 0 or 1.
  public static func of(
    _ metric: String, value: Double, count: Int, replicates: [Double], level: Double
  ) -> ClosedRange<Double>? {
    percentileInterval(of: replicates.filter(\.isFinite), level: level).flatMap {
      exact(metric, value: value, count: count, level: level) ?? withWidth($0)
    }
  }

  /// The interval of a difference or a mean; `nil` if it would have no width.
  public static func of(_ replicates: [Double], level: Double) -> ClosedRange<Double>? {
    percentileInterval(of: replicates.filter(\.isFinite), level: level).flatMap(withWidth)
  }

  /// The interval itself, or `nil` if its ends differ only by rounding.
  public static func withWidth(_ interval: ClosedRange<Double>) -> ClosedRange<Double>? {
    interval.upperBound - interval.lowerBound > rounding ? interval : nil
  }

  /// The exact interval of an accuracy of 0 or 1, the share of patients who were classified correctly
  /// (Clopper & Pearson 1934). For a share of 1 among n patients, the lower end is the p with pⁿ = (1 −
  /// level) / 2.
  ///
  /// - Returns: `nil` for a metric other than the accuracy, and for a value other than 0 and 1.
  public static func exact(_ metric: String, value: Double, count: Int, level: Double)
    -> ClosedRange<Double>?
  {
    guard metric == Metric.accuracy.rawValue, count > 0, value == 0 || value == 1 else { return nil }
    let end = pow((1 - level) / 2, 1 / Double(count))
    return value == 1 ? end...1 : 0...(1 - end)
  }

  /// Whether the replicates vary, so that they show how uncertain a value or a difference is.
  public static func vary(_ replicates: some Sequence<Double>) -> Bool {
    var range: ClosedRange<Double>?
    for value in replicates where value.isFinite {
      range = min(range?.lowerBound ?? value, value)...max(range?.upperBound ?? value, value)
    }
    return range.flatMap(withWidth) != nil
  }
}
