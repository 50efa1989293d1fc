import FederatedCore

extension ReleaseGate {
  /// Creates the gate that a site's agent uses in a study. Noise comes from the system's generator; no seed
  /// can be given.
  ///
  /// - Parameters:
  ///   - study: `nil` if the study could not be read.
  ///   - history: Remembers the sets of patients behind everything that leaves the site, in all its studies.
  ///   - log: Receives the messages of failures that stay at the site.
  public init(
    _ policy: SitePolicy, for study: Study?, history: (any ReleaseHistory)? = nil,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(of: policy, study: study, noise: .system, history: history, log: log)
  }

  /// Creates the gate of a simulated site, with the same rules as an agent's gate. Noise comes from the
  /// study's seed.
  ///
  /// - Parameter policy: `nil` for a site without a policy, which releases everything.
  public static func simulated(_ policy: SitePolicy?, for study: Study) -> ReleaseGate {
    ReleaseGate(
      of: policy, study: study, noise: .simulated(seed: study.header.seed), history: nil, log: { _ in })
  }

  private init(
    of policy: SitePolicy?, study: Study?, noise: NoiseSource, history: (any ReleaseHistory)?,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.init(
      mechanisms: study?.updateMechanisms ?? [], rules: policy?.releaseRules, noise: noise, history: history,
      log: log)
  }
}

extension SitePolicy {
  /// The policy's rules for releasing anything other than updates.
  var releaseRules: ReleaseRules {
    let decided: [Study.Metric] = [.accuracy, .balancedAccuracy, .f1]
    return ReleaseRules(
      minimumPatients: release.minimumPatients, metrics: release.metrics.map { Set($0.map(\.rawValue)) },
      ownFigures: release.perSiteMetrics, calibration: release.calibration,
      confusion: release.calibration && decided.allSatisfy { release.allows(metric: $0.rawValue) },
      curves: release.calibration && release.allows(metric: Study.Metric.auc.rawValue),
      replicates: release.replicates, intervals: release.intervals, images: release.images,
      kinds: release.kinds.map { Set($0.map { StageMessage.Kind($0.rawValue) }) },
      activations: release.activations)
  }
}
