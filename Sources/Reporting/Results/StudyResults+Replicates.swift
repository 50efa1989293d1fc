import EvaluationMetrics
import FederatedCore

extension StudyResults {
  /// The results as `report.json` holds them: without bootstrap replicates, but with everything that the
  /// report computes from them, so that the page and the printed tables stay the same. Of the results of
  /// single patients, only those that the page shows are kept.
  public func withoutReplicates() -> StudyResults {
    guard hasReplicates else { return withShownCases() }
    var results = withShownCases()
    results.derived = study.metrics.flatMap { metric in
      ResultMatrix(self, metric: metric).derivedEstimates(self)
    }
    let confidence = study.confidence
    results.updateTests { _, evaluation in evaluation = evaluation.withIntervals(confidence) }
    return results
  }

  private var hasReplicates: Bool {
    arms.flatMap(\.models).contains { model in
      (model.test.map(\.evaluation) + [model.together].compactMap(\.self)).contains(where: \.hasReplicates)
    }
  }

  private func withShownCases() -> StudyResults {
    var shown: [SiteID: Set<Int>] = [:]
    for worst in ReportPage(self).worstResults { shown[worst.site, default: []].insert(worst.result.number) }
    var results = self
    results.updateTests { site, evaluation in
      evaluation.details?.cases.removeAll { !(shown[site]?.contains($0.number) ?? false) }
    }
    return results
  }

  /// Changes every test result; the result of all sites as one group comes without a site that has cases.
  package mutating func updateTests(_ change: (SiteID, inout SiteEvaluation) -> Void) {
    for arm in arms.indices {
      for model in arms[arm].models.indices {
        for test in arms[arm].models[model].test.indices {
          let site = arms[arm].models[model].test[test].site
          change(site, &arms[arm].models[model].test[test].evaluation)
        }
        if var together = arms[arm].models[model].together {
          change(SiteID("together"), &together)
          arms[arm].models[model].together = together
        }
      }
    }
  }
}

extension SiteEvaluation {
  fileprivate var hasReplicates: Bool { metrics.contains { !$0.replicates.isEmpty } }

  /// The evaluation with the ends of intervals in place of replicates.
  public func withIntervals(_ confidence: Double) -> SiteEvaluation {
    var evaluation = self
    evaluation.metrics = metrics.map { $0.withInterval(confidence) }
    return evaluation
  }
}

extension MetricEstimate {
  fileprivate func withInterval(_ confidence: Double) -> MetricEstimate {
    guard !replicates.isEmpty else { return self }
    var estimate = self
    estimate.replicates = []
    // Keep an interval without width, too: it says that resamples exist but do not vary.
    let own =
      ConfidenceInterval.of(
        name, value: value, count: patientCount, replicates: replicates, level: confidence)
      ?? percentileInterval(of: replicates.filter(\.isFinite), level: confidence)
    estimate.interval = interval ?? own.map { MetricInterval(low: $0.lowerBound, high: $0.upperBound) }
    return estimate
  }
}
