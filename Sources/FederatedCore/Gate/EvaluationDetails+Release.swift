extension EvaluationDetails {
  /// The details of a test that may leave the site: counts with at least the minimum number of patients in
  /// each cell, and nothing about a single patient.
  ///
  /// A table with a cell below the minimum is withheld entirely, since known sums would reveal the cell. ROC
  /// curves have fixed thresholds. A threshold is left out if too few members, or too few non-members, of the
  /// class lie between it and the next threshold.
  /// - Returns: `nil` if nothing is left.
  func released(by rules: ReleaseRules, of patients: EvaluationPatients) -> EvaluationDetails? {
    var released = EvaluationDetails()
    released.classCounts = rules.release(classCounts, cells: patients.classes)
    released.trainingClassCounts = rules.release(trainingClassCounts, cells: patients.trainingClasses)
    if rules.confusion { released.confusion = rules.release(confusion, cells: patients.confusion) }
    if rules.curves, curves.count == patients.curves.count {
      released.curves = zip(curves, patients.curves).compactMap { $0.coarsened(by: rules, of: $1) }
    }
    return released.isEmpty ? nil : released
  }
}

extension ReleaseRules {
  /// The counts of a table; empty if at least one of them may not leave.
  fileprivate func release(_ counts: [Int], cells: [PatientSet]) -> [Int] {
    let isWhole = counts.count == cells.count && zip(counts, cells).allSatisfy { release($0, of: $1) != nil }
    return isWhole ? counts : []
  }
}

extension ScoreCurve {
  /// The thresholds at which a ROC curve may leave a site.
  private static let thresholds = stride(from: 19, through: 0, by: -1).map { Double($0) / 20 }

  /// The curve at the fixed thresholds, with small bins merged with their neighbours; `nil` if fewer than two
  /// bins remain.
  fileprivate func coarsened(by rules: ReleaseRules, of patients: [EvaluationPatients.CurveBin])
    -> ScoreCurve?
  {
    guard patients.count == bins.count else { return nil }
    var merged: [Bin] = []
    var open = Bin(low: 1, positives: 0, negatives: 0)
    var behind = EvaluationPatients.CurveBin(positives: PatientSet(), negatives: PatientSet())
    for threshold in Self.thresholds {
      let above = threshold == Self.thresholds.first ? .infinity : threshold + 0.05 - 1e-9
      for (bin, own) in zip(bins, patients)
      where bin.low < above && bin.low >= threshold - 1e-9 || threshold == 0 && bin.low < 0 {
        open.positives += bin.positives
        open.negatives += bin.negatives
        behind.positives.formUnion(own.positives)
        behind.negatives.formUnion(own.negatives)
      }
      open.low = threshold
      if rules.release(open.positives, of: behind.positives) != nil,
        rules.release(open.negatives, of: behind.negatives) != nil
      {
        merged.append(open)
        open = Bin(low: threshold, positives: 0, negatives: 0)
        behind = .init(positives: PatientSet(), negatives: PatientSet())
      }
    }
    guard merged.count > 1 else { return nil }
    // Add the remaining patients at the low end to the last bin, so that the sums include all patients.
    merged[merged.count - 1].positives += open.positives
    merged[merged.count - 1].negatives += open.negatives
    merged[merged.count - 1].low = 0
    return ScoreCurve(classIndex: classIndex, bins: merged)
  }
}
