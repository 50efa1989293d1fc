import FederatedCore
import Reporting
import Simulator

/// The last line of `simulate --json`.
struct RunEnd: Encodable {
  struct Arm: Encodable {
    var arm: String
    var metric: String
    /// The mean of the metric over the sites' test sets.
    var mean: SummaryEstimate?
    /// The gain over local training in units of the metric. A positive gain means that the arm is better.
    var gainOverLocal: SummaryEstimate?
    var generalisabilityGain: SummaryEstimate?
    /// The SHA-256 of each final model.
    var models: [String]
  }

  var event = "finished"
  var report: String
  var missing: [SiteID]
  var arms: [Arm]

  init(_ outcome: SimulationOutcome) {
    report = outcome.report.path
    if case .partial(let sites, _) = outcome.results.status { missing = sites } else { missing = [] }
    let results = outcome.results
    arms = results.study.metrics.flatMap { metric in
      let matrix = ResultMatrix(results, metric: metric)
      return results.arms.map { arm in
        Arm(
          arm: arm.name, metric: metric, mean: matrix.mean(ofArm: arm.name),
          gainOverLocal: arm.kind == .local ? nil : matrix.gainOverLocal(of: arm.name),
          generalisabilityGain: arm.kind == .local ? nil : matrix.generalisabilityGain(of: arm.name),
          models: arm.models.map(\.digest))
      }
    }
  }
}
