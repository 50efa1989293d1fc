import Foundation

/// Computes confidence intervals from bootstrap replicates. There is no interval if the replicates do not
/// vary.
///
/// If all patients have the same result, all resamples are equal. The bootstrap would then yield an interval
/// of width zero, as if the value were certain.
public enum ConfidenceInterval {
  /// The largest difference between two replicates that rounding alone can cause.
  private static let rounding = 1e-9

  /// - Parameters:
  ///   - metric: the metric's name. An accuracy of 0 or 1 gets its exact interval.
  ///   - count: the number of patients (or other units) behind the value.
  /// - Returns: `nil` if there are no replicates, or if they give an interval without width and there is no
  ///   exact interval.
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

  /// Returns the interval, or `nil` if its ends differ only by rounding.
  public static func withWidth(_ interval: ClosedRange<Double>) -> ClosedRange<Double>? {
    interval.upperBound - interval.lowerBound > rounding ? interval : nil
  }

  /// The exact interval of a share of patients (the accuracy) that is 0 or 1, by Clopper and Pearson (1934).
  /// For a share of 1 among n patients, the lower end is the p with pⁿ = (1 − level) / 2.
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
