import FederatedCore

extension ReleaseGate {
  /// The gate of a site in a study, as its agent has it. Noise comes from the system's generator; a seed
  /// cannot be given.
  ///
  /// - Parameters:
  ///   - study: `nil` if it could not be read.
  ///   - log: takes the words of failures that stay at the site.
  public init(
    _ policy: SitePolicy, for study: Study?, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(of: policy, study: study, noise: .system, log: log)
  }

  /// The gate of a simulated site, which does what that of an agent does. Noise comes from the study's seed.
  ///
  /// - Parameter policy: `nil` for a site without one, which lets everything out.
  public static func simulated(_ policy: SitePolicy?, for study: Study) -> ReleaseGate {
    ReleaseGate(of: policy, study: study, noise: .simulated(seed: study.header.seed), log: { _ in })
  }

  private init(
    of policy: SitePolicy?, study: Study?, noise: NoiseSource, log: @escaping @Sendable (String) -> Void
  ) {
    self.init(
      mechanisms: study?.updateMechanisms ?? [], rules: policy?.releaseRules, noise: noise, log: log)
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
