import EvaluationMetrics

/// How a metric is named and printed; a name with a suffix such as `dice.anterior` is that metric for one class.
struct MetricStyle {
  let name: String
  private let metric: Metric?
  private let className: String?

  init(_ name: String) {
    self.name = name
    let parts = name.split(separator: ".", maxSplits: 1)
    metric = parts.first.flatMap { Metric(rawValue: String($0)) }
    className = parts.count == 2 ? String(parts[1]) : nil
  }

  var title: String {
    guard let metric else { return name }
    return className.map { "\(metric.title), \($0)" } ?? metric.title
  }

  /// The title with the unit, for an axis or a table.
  var titleWithUnit: String { unit.isEmpty ? title : "\(title) [\(unit)]" }

  var unit: String { metric?.unit ?? "" }
  var higherIsBetter: Bool { metric?.higherIsBetter ?? true }
  var explanation: String? { metric?.explanation }
  var isProportion: Bool { metric != nil && unit.isEmpty }
  /// Digits after the point.
  var digits: Int { unit.isEmpty ? 3 : 1 }

  func text(_ value: Double) -> String { NumberText.fixed(value, digits: digits) }

  /// `0.771 (0.712 to 0.823)`.
  func text(_ estimate: SummaryEstimate) -> String {
    NumberText.withInterval(estimate) { text($0) }
  }
}
