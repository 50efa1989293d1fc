import FederatedCore

extension ReleaseGate {
  /// The gate of a site in a study, at an agent and in a simulation alike.
  ///
  /// - Parameters:
  ///   - policy: `nil` only for a simulated site without one.
  ///   - study: `nil` if it could not be read.
  ///   - log: takes the words of failures that stay at the site.
  public init(
    _ policy: SitePolicy?, for study: Study?, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(rules: policy?.releaseRules, log: log)
  }
}

extension SitePolicy {
  /// What the policy lets out beside updates.
  var releaseRules: ReleaseRules {
    let decided: [Study.Metric] = [.accuracy, .balancedAccuracy, .f1]
    return ReleaseRules(
      minimumPatients: release.minimumPatients, metrics: release.metrics.map { Set($0.map(\.rawValue)) },
      ownFigures: release.perSiteMetrics, calibration: release.calibration,
      confusion: release.calibration && decided.allSatisfy { release.allows(metric: $0.rawValue) },
      curves: release.calibration && release.allows(metric: Study.Metric.auc.rawValue),
      replicates: release.replicates, intervals: release.intervals, images: release.images)
  }
}
