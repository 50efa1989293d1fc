import EvaluationMetrics
import FederatedCore

extension MetricEstimate {
  /// Converts an estimate. Omits the replicates, and so the interval, if there are too few patients or too
  /// few cases (``SmallNumbers``).
  init(_ estimate: Estimate) {
    let hasInterval =
      estimate.patientCount >= SmallNumbers.interval
      && (estimate.caseCount ?? SmallNumbers.cases) >= SmallNumbers.cases
    self.init(
      name: estimate.name, value: estimate.value, patientCount: estimate.patientCount,
      replicates: hasInterval ? estimate.replicates : [])
  }
}
