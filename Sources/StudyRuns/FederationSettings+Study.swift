import FederatedCore
import FederatedRuntime
import StudyProtocol

extension FederationSettings {
  /// Creates the settings of one of the study's arms.
  ///
  /// - Parameters:
  ///   - isFederated: False for a baseline, whose members are all required.
  ///   - members: The sites that train in the arm.
  public init(
    _ study: Study, arm: String, isFederated: Bool, members: [SiteID], concurrentSites: Int = .max
  ) {
    let evaluation = study.evaluation
    self.init(
      arm: arm, rounds: study.federation.rounds, amount: study.training.amount,
      learningRate: { study.learningRate(inRound: $0 - 1) }, weighting: study.federation.weighting,
      seed: study.header.seed, required: isFederated ? study.requiredSites(of: members) : Set(members),
      minimumSites: isFederated ? study.minimumSites(of: members.count) : 1,
      validateEvery: study.validatesRounds ? evaluation.every : 0,
      selection: study.validatesRounds ? ModelSelection(study) : nil,
      concurrentSites: concurrentSites, mechanisms: study.updateMechanisms)
  }
}

extension ModelSelection {
  /// The study's selection rule. Unless the study states `validation`, a round of the first half is never
  /// chosen and never ends an arm early.
  init(_ study: Study) {
    let evaluation = study.evaluation
    self.init(
      metric: evaluation.selectMetric.rawValue, higherIsBetter: evaluation.selectMetric.higherIsBetter,
      rule: Rule(evaluation.selectBestOn), minimumRound: study.federation.rounds / 2 + 1,
      minimumUnits: SmallNumbers.selection, patience: evaluation.earlyStopping?.patience,
      minimumImprovement: evaluation.earlyStopping?.minimumChange ?? 0)
  }
}

extension ModelSelection.Rule {
  init(_ selection: Study.Evaluation.Selection) {
    switch selection {
    case .auto: self = .auto
    case .validation: self = .best
    case .last: self = .last
    }
  }
}

extension Study {
  /// The sites that the study requires for a result. A study that names neither required sites nor a minimum
  /// number of sites requires all sites.
  public func requiredSites(of all: [SiteID]) -> Set<SiteID> {
    // Not every round has every site, so none is required; the minimum is that of the draw.
    guard federation.sampling == nil else { return [] }
    let named = federation.sites.required
    return Set(named.isEmpty && federation.sites.minimum == nil ? all : named)
  }

  /// The smallest number of updates in a round of a study with a number of sites. If sites are drawn and the
  /// study names no minimum, all that are drawn.
  func minimumSites(of count: Int) -> Int {
    federation.sites.minimum ?? federation.sampling?.count(of: count) ?? 1
  }
}
