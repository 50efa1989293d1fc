extension EvaluationDetails {
  /// The details of a test that may leave the site: counts with at least the minimum number of patients in
  /// each cell, and nothing about a single patient.
  ///
  /// A table with a cell below the minimum is withheld entirely, since known sums would reveal the cell. ROC
  /// curves have fixed thresholds. A threshold is left out if too few members, or too few non-members, of the
  /// class lie between it and the next threshold.
  /// - Returns: `nil` if nothing is left.
  func released(by rules: ReleaseRules, of patients: EvaluationPatients, _ cells: inout DisjointCells)
    -> EvaluationDetails?
  {
    var released = EvaluationDetails()
    if rules.release(classCounts, cells: patients.classes), cells.admit(each: patients.classes) {
      released.classCounts = classCounts
    }
    let training = patients.trainingClasses.reduce(PatientSet()) { $0.union($1) }
    var trained = DisjointCells(of: training, minimum: rules.minimumPatients)
    if rules.release(trainingClassCounts, cells: patients.trainingClasses),
      trained.admit(each: patients.trainingClasses)
    {
      released.trainingClassCounts = trainingClassCounts
    }
    if rules.confusion, rules.release(confusion, cells: patients.confusion), cells.admit(patients.confusion) {
      released.confusion = confusion
    }
    if rules.curves, curves.count == patients.curves.count {
      released.curves = zip(curves, patients.curves).compactMap { $0.coarsened(by: rules, of: $1, &cells) }
    }
    return released.isEmpty ? nil : released
  }
}

extension ReleaseRules {
  /// Whether all counts of a table may leave.
  fileprivate func release(_ counts: [Int], cells: [PatientSet]) -> Bool {
    !counts.isEmpty && counts.count == cells.count
      && zip(counts, cells).allSatisfy { release($0, of: $1) != nil }
  }
}

extension DisjointCells {
  /// Admits sets that may have common patients, such as the classes of a segmentation: each divides the
  /// patients into those within and those outside it.
  mutating func admit(each sets: [PatientSet]) -> Bool {
    var trial = self
    guard sets.allSatisfy({ trial.admit([$0]) }) else { return false }
    self = trial
    return true
  }
}

extension ScoreCurve {
  /// The thresholds at which a ROC curve may leave a site.
  private static let thresholds = stride(from: 19, through: 0, by: -1).map { Double($0) / 20 }

  /// The curve at the fixed thresholds, with small bins merged with their neighbours; `nil` if fewer than two
  /// bins remain.
  fileprivate func coarsened(
    by rules: ReleaseRules, of patients: [EvaluationPatients.CurveBin], _ cells: inout DisjointCells
  ) -> ScoreCurve? {
    guard patients.count == bins.count else { return nil }
    var merged: [Bin] = []
    var sets: [[PatientSet]] = []
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
        sets.append([behind.positives, behind.negatives])
        open = Bin(low: threshold, positives: 0, negatives: 0)
        behind = .init(positives: PatientSet(), negatives: PatientSet())
      }
    }
    guard merged.count > 1 else { return nil }
    // Add the rest at the low end to the last bin, so that the sums include all patients.
    let last = merged.count - 1
    merged[last] = Bin(
      low: 0, positives: merged[last].positives + open.positives,
      negatives: merged[last].negatives + open.negatives)
    sets[last] = [sets[last][0].union(behind.positives), sets[last][1].union(behind.negatives)]
    var trial = cells
    let isWhole = trial.admit(sets) { place in
      let next = merged.remove(at: place + 1)
      merged[place] = Bin(
        low: next.low, positives: merged[place].positives + next.positives,
        negatives: merged[place].negatives + next.negatives)
    }
    guard isWhole, merged.count > 1 else { return nil }
    cells = trial
    return ScoreCurve(classIndex: classIndex, bins: merged)
  }
}
