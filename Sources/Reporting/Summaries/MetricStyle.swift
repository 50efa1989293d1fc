import EvaluationMetrics
import FederatedCore

/// The title and number format of a metric. A name with a suffix, such as `dice.anterior`, means the metric
/// for one class.
package struct MetricStyle {
  package let name: String
  private let metric: Metric?
  private let className: String?

  package init(_ name: String) {
    self.name = name
    let parts = name.split(separator: ".", maxSplits: 1)
    metric = parts.first.flatMap { Metric(rawValue: String($0)) }
    className = parts.count == 2 ? String(parts[1]) : nil
  }

  package var title: String {
    guard let metric else { return name }
    return className.map { "\(metric.title), \($0)" } ?? metric.title
  }

  /// The title with the unit, for an axis or a table.
  package var titleWithUnit: String { unit.isEmpty ? title : "\(title) [\(unit)]" }

  package var unit: String { metric?.unit ?? "" }
  package var higherIsBetter: Bool { metric?.higherIsBetter ?? true }
  package func explanation(_ unit: UnitOfAnalysis) -> String? {
    metric?.explanation(unit: unit.singular, units: unit.plural)
  }
  package var isProportion: Bool { metric != nil && unit.isEmpty }
  /// The value that a model reaches by guessing; `nil` if the metric has no such value.
  package func chance(classCount: Int) -> Double? {
    switch metric {
    case .auc, .concordance: 0.5
    case .balancedAccuracy: 1 / Double(max(classCount, 2))
    default: nil
    }
  }

  /// The number of decimals.
  package var digits: Int { unit.isEmpty ? 3 : 1 }

  package func text(_ value: Double) -> String { NumberText.fixed(value, digits: digits) }

  /// Formats a value with its interval: `0.771 (0.712 to 0.823)`.
  package func text(_ estimate: SummaryEstimate) -> String {
    NumberText.withInterval(estimate) { text($0) }
  }

  /// Formats a difference, such as `+4.1 points (+1.2 to +6.6)`. Proportions are in points of 0.01, other
  /// metrics in their own unit.
  package func differenceText(_ estimate: SummaryEstimate) -> String {
    let text = "\(differenceNumber(estimate.value))\u{A0}\(differenceUnit)"
    return differenceRange(estimate).map { "\(text) (\($0))" } ?? text
  }

  /// Formats the interval of a difference: `+1.2 to +6.6`; `nil` without an interval.
  package func differenceRange(_ estimate: SummaryEstimate) -> String? {
    guard let low = estimate.low, let high = estimate.high else { return nil }
    return "\(differenceNumber(low))\u{A0}to\u{A0}\(differenceNumber(high))"
  }

  /// Formats a difference in ``differenceUnit``: `+4.1`.
  package func differenceNumber(_ value: Double) -> String {
    let text = NumberText.fixed(value * differenceScale, digits: 1)
    return text.hasPrefix("\u{2212}") || text == "–" ? text : "+" + text
  }

  /// The unit of a difference: `points`, or the metric's unit.
  package var differenceUnit: String { unit.isEmpty ? "points" : unit }

  /// The unit of a difference with an explanation: `points of 0.01`, or the metric's unit.
  package var differenceUnitExplained: String { unit.isEmpty ? "points of 0.01 \(title)" : unit }

  /// The factor that converts a difference of the metric to ``differenceUnit``.
  package var differenceScale: Double { unit.isEmpty ? 100 : 1 }
}
