import FederatedCore

/// Explains why results lack an interval although the study requests intervals and there are enough units.
struct MissingIntervals {
  let results: StudyResults
  let matrix: ResultMatrix

  init(_ results: StudyResults, _ matrix: ResultMatrix) {
    self.results = results
    self.matrix = matrix
  }

  var cautions: [Caution] {
    let bare = estimates.filter { $0.1.replicates.isEmpty && $0.1.interval == nil }
    guard bare.count < estimates.count || results.study.asksForIntervals ?? false else { return [] }
    let sites = matrix.sites.filter { site in bare.contains { $0.0 == site } }
    let few = hasCases ? sites.filter { results.isSimulation || sendsIntervals($0) } : []
    let withheld = sites.filter { !few.contains($0) && !results.isSimulation }
    return [fewCases(few), withheldText(withheld)].compactMap(\.self) + results.arms.compactMap(withoutSpread)
  }

  private var tests: [SiteResult] { results.arms.flatMap(\.models).flatMap(\.test) }

  /// The results with enough units for an interval.
  private var estimates: [(SiteID, MetricEstimate)] {
    tests.compactMap { test in test.evaluation[matrix.metric].map { (test.site, $0) } }
      .filter { $0.1.patientCount >= SmallNumbers.interval }
  }

  /// Whether the metric depends on only some of the units, such as the units with the event.
  private var hasCases: Bool { ["auc", "c-index"].contains(matrix.metric) }

  /// Whether the site sent an interval for any metric. If it did, its policy does not withhold intervals.
  private func sendsIntervals(_ site: SiteID) -> Bool {
    tests.contains { test in
      test.site == site
        && test.evaluation.metrics.contains { !$0.replicates.isEmpty || $0.interval != nil }
    }
  }

  private var meanText: String { "Means over sites that include one of them have none either." }

  private func names(_ sites: [SiteID]) -> String { Prose.list(sites.map(\.rawValue)) }

  /// A clause that explains which test patients are too few for an interval of the metric.
  private var lack: String {
    let few = "fewer than \(SmallNumbers.cases) test \(results.study.unit.plural) there"
    return matrix.metric == "auc" ? "\(few) are of one of the classes" : "\(few) had the event"
  }

  private func fewCases(_ sites: [SiteID]) -> Caution? {
    guard !sites.isEmpty else { return nil }
    return Caution(
      .noInterval, sites: sites,
      message: "Results at \(names(sites)) have no interval: \(lack). \(meanText)")
  }

  private func withheldText(_ sites: [SiteID]) -> Caution? {
    guard !sites.isEmpty else { return nil }
    let policy = sites.count == 1 ? "its policy withholds them" : "their policies withhold them"
    let reason = hasCases ? "\(lack), or \(policy)" : policy
    return Caution(
      .withheldInterval, sites: sites,
      message: "Results at \(names(sites)) have no interval: \(reason). \(meanText)")
  }

  /// Warns of sites at which all resamples give an arm the same value.
  private func withoutSpread(_ arm: ArmResults) -> Caution? {
    let sites = matrix.sites.filter { site in
      guard let estimate = matrix.estimate(arm: arm.name, site: site),
        estimate.patientCount >= SmallNumbers.interval
      else { return false }
      return (!estimate.replicates.isEmpty || estimate.interval != nil)
        && SummaryEstimate(estimate, confidence: matrix.confidence).low == nil
    }
    guard !sites.isEmpty else { return nil }
    return Caution(
      .noInterval, sites: sites, arm: arm.name,
      message:
        "At \(names(sites)), every resample gives the same \(MetricStyle(matrix.metric).title) of \(arm.name). An interval without width would look certain, so none is stated. \(meanText)"
    )
  }
}
