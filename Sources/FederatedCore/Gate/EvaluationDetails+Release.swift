extension EvaluationDetails {
  /// The details of a test that may leave the site: counts with at least the minimum of patients in each cell, and nothing about a
  /// single patient.
  ///
  /// A table with a cell below the minimum is withheld entirely, since known sums would reveal the cell. ROC curves have fixed
  /// thresholds; thresholds are left out if there are fewer patients of either kind between them than the minimum.
  /// - Returns: `nil` if nothing is left.
  func released(by rules: ReleaseRules) -> EvaluationDetails? {
    var released = EvaluationDetails()
    released.classCounts = classCounts.released(by: rules)
    released.trainingClassCounts = trainingClassCounts.released(by: rules)
    if rules.confusion { released.confusion = confusion.released(by: rules) }
    if rules.curves { released.curves = curves.compactMap { $0.coarsened(by: rules) } }
    return released.isEmpty ? nil : released
  }
}

extension [Int] {
  /// The counts of patients, or none if one may not leave.
  fileprivate func released(by rules: ReleaseRules) -> [Int] {
    allSatisfy { rules.release($0, of: $0) != nil } ? self : []
  }
}

extension ScoreCurve {
  /// The thresholds at which a ROC curve may leave a site.
  private static let thresholds = stride(from: 19, through: 0, by: -1).map { Double($0) / 20 }

  /// The curve at the fixed thresholds, with small bins merged with their neighbours; `nil` if fewer than two remain.
  fileprivate func coarsened(by rules: ReleaseRules) -> ScoreCurve? {
    var merged: [Bin] = []
    var open = Bin(low: 1, positives: 0, negatives: 0)
    for threshold in Self.thresholds {
      let above = threshold == Self.thresholds.first ? .infinity : threshold + 0.05 - 1e-9
      for bin in bins
      where bin.low < above && bin.low >= threshold - 1e-9 || threshold == 0 && bin.low < 0 {
        open.positives += bin.positives
        open.negatives += bin.negatives
      }
      open.low = threshold
      if rules.release(open, of: min(open.positives, open.negatives)) != nil {
        merged.append(open)
        open = Bin(low: threshold, positives: 0, negatives: 0)
      }
    }
    guard merged.count > 1 else { return nil }
    // Add the rest at the low end to the last bin, so that the sums include all patients.
    merged[merged.count - 1].positives += open.positives
    merged[merged.count - 1].negatives += open.negatives
    merged[merged.count - 1].low = 0
    return ScoreCurve(classIndex: classIndex, bins: merged)
  }
}
