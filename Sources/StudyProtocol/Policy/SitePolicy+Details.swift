import FederatedCore

extension SitePolicy {
  /// The thresholds at which a ROC curve may leave the site.
  static let thresholds = stride(from: 19, through: 0, by: -1).map { Double($0) / 20 }

  /// The details of a test that may leave the site: counts with at least the minimum of patients in each
  /// cell, and nothing about a single patient.
  ///
  /// A table with a cell below the minimum is withheld entirely, since known sums would reveal the cell. ROC
  /// curves have fixed thresholds; thresholds are left out if there are fewer patients of either kind between
  /// them than the minimum.
  /// - Returns: `nil` if nothing is left.
  func filter(_ details: EvaluationDetails?) -> EvaluationDetails? {
    guard let details, release.perSiteMetrics else { return nil }
    var released = EvaluationDetails()
    released.classCounts = isReleasable(details.classCounts) ? details.classCounts : []
    released.trainingClassCounts =
      isReleasable(details.trainingClassCounts) ? details.trainingClassCounts : []
    let decided: [Study.Metric] = [.accuracy, .balancedAccuracy, .f1]
    if release.calibration, decided.allSatisfy({ release.allows(metric: $0.rawValue) }) {
      released.confusion = isReleasable(details.confusion) ? details.confusion : []
    }
    if release.calibration, release.allows(metric: Study.Metric.auc.rawValue) {
      released.curves = details.curves.compactMap(coarsened)
    }
    return released.isEmpty ? nil : released
  }

  private func isReleasable(_ counts: [Int]) -> Bool { counts.allSatisfy { $0 >= release.minimumPatients } }

  /// The curve at the fixed thresholds, with small bins merged with their neighbours; `nil` if fewer than two
  /// remain.
  private func coarsened(_ curve: ScoreCurve) -> ScoreCurve? {
    var bins: [ScoreCurve.Bin] = []
    var open = ScoreCurve.Bin(low: 1, positives: 0, negatives: 0)
    for threshold in Self.thresholds {
      let above = threshold == Self.thresholds.first ? .infinity : threshold + 0.05 - 1e-9
      for bin in curve.bins
      where bin.low < above && bin.low >= threshold - 1e-9 || threshold == 0 && bin.low < 0 {
        open.positives += bin.positives
        open.negatives += bin.negatives
      }
      open.low = threshold
      if open.positives >= release.minimumPatients && open.negatives >= release.minimumPatients {
        bins.append(open)
        open = ScoreCurve.Bin(low: threshold, positives: 0, negatives: 0)
      }
    }
    guard bins.count > 1 else { return nil }
    // Add the rest at the low end to the last bin, so that the sums include all patients.
    bins[bins.count - 1].positives += open.positives
    bins[bins.count - 1].negatives += open.negatives
    bins[bins.count - 1].low = 0
    return ScoreCurve(classIndex: curve.classIndex, bins: bins)
  }
}
