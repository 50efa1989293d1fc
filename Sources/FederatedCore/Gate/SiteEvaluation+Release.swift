extension SiteEvaluation: Releasable {
  /// The part of the evaluation that may leave. With fewer patients than the minimum, nothing leaves, not
  /// even their number: it is replaced by 0. A bin of the reliability curve with fewer patients than the
  /// minimum is merged with its neighbours.
  public func released(by rules: ReleaseRules) -> SiteEvaluation {
    guard let patients, rules.release(patientCount, of: patients.all) != nil else {
      return SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: [])
    }
    var released = SiteEvaluation(
      patientCount: patientCount, exampleCount: exampleCount, loss: nil, metrics: [])
    guard rules.ownFigures else { return released }
    released.loss = rules.release(loss, of: patients.all)
    released.metrics = metrics.compactMap {
      $0.released(by: rules, of: patients[metric: $0.name], among: patients.all)
    }
    released.comparisons =
      rules.intervals ? comparisons?.compactMap { $0.released(by: rules, among: patients.all) } : nil
    var cells = DisjointCells(of: patients.all, minimum: rules.minimumPatients)
    released.details = details?.released(by: rules, of: patients, &cells)
    released.calibration = rules.calibration ? merged(patients.calibration, rules, &cells) : []
    return released
  }

  public func released(about isAllowed: (PatientSet) throws -> Bool) rethrows -> SiteEvaluation {
    guard let patients else { return self }
    guard try isAllowed(patients.all) else {
      return SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: [])
    }
    var released = self
    let training = patients.trainingClasses.reduce(PatientSet()) { $0.union($1) }
    if !(details?.trainingClassCounts.isEmpty ?? true), try !isAllowed(training) {
      released.details?.trainingClassCounts = []
    }
    return released
  }

  public func inRehearsal() -> SiteEvaluation {
    SiteEvaluation(patientCount: patientCount, exampleCount: exampleCount, loss: nil, metrics: [])
  }

  public func withoutPatients() -> SiteEvaluation {
    var evaluation = self
    evaluation.patients = nil
    for index in (comparisons ?? []).indices { evaluation.comparisons?[index].patients = nil }
    return evaluation
  }

  /// The bins of the reliability curve, merged with neighbours until each may leave. Empty if not even the
  /// bin of all patients may leave.
  private func merged(_ patients: [PatientSet], _ rules: ReleaseRules, _ cells: inout DisjointCells)
    -> [CalibrationBin]
  {
    guard patients.count == calibration.count else { return [] }
    var merged: [CalibrationBin] = []
    var sets: [[PatientSet]] = []
    var open: (bin: CalibrationBin, patients: PatientSet)?
    for (bin, own) in zip(calibration, patients) where bin.exampleCount > 0 {
      let whole = open.map { (Self.merge($0.bin, bin), $0.patients.union(own)) } ?? (bin, own)
      if let released = rules.release(whole.0, of: whole.1) {
        merged.append(released)
        sets.append([whole.1])
        open = nil
      } else {
        open = whole
      }
    }
    if let rest = open, let last = merged.popLast() {
      merged.append(Self.merge(last, rest.bin))
      sets[sets.count - 1] = [sets[sets.count - 1][0].union(rest.patients)]
    }
    let isWhole = cells.admit(sets) { place in
      merged[place] = Self.merge(merged[place], merged.remove(at: place + 1))
    }
    return isWhole ? merged : []
  }

  private static func merge(_ one: CalibrationBin, _ other: CalibrationBin) -> CalibrationBin {
    let count = one.exampleCount + other.exampleCount
    let mean = { (value: (CalibrationBin) -> Double) in
      (value(one) * Double(one.exampleCount) + value(other) * Double(other.exampleCount)) / Double(count)
    }
    return CalibrationBin(
      exampleCount: count, meanProbability: mean(\.meanProbability),
      observedFrequency: mean(\.observedFrequency))
  }
}

extension MetricEstimate {
  /// The estimate that may leave. If it lacks only a few of the patients, their number stays at the site: the
  /// stated count is then the smallest that would not reveal them.
  fileprivate func released(by rules: ReleaseRules, of patients: PatientSet, among all: PatientSet)
    -> MetricEstimate?
  {
    guard rules.allows(metric: name), var metric = rules.release(self, of: patients) else { return nil }
    metric.patientCount = rules.stated(metric.patientCount, of: patients, among: all)
    if !rules.replicates { metric.replicates = [] }
    if !rules.intervals { metric.interval = nil }
    return metric
  }
}

extension PairedComparison {
  fileprivate func released(by rules: ReleaseRules, among all: PatientSet) -> PairedComparison? {
    guard rules.allows(metric: metric), var comparison = rules.release(self, of: patients) else { return nil }
    comparison.patientCount = rules.stated(patientCount, of: patients ?? all, among: all)
    return comparison
  }
}

extension ReleaseRules {
  /// The number of patients that is stated for a set. If the set lacks only a few of all patients, it is the
  /// smallest number that does not reveal how few.
  fileprivate func stated(_ count: Int, of patients: PatientSet, among all: PatientSet) -> Int {
    guard (1..<max(1, minimumPatients)).contains(all.count - patients.count) else { return count }
    return max(minimumPatients, all.count - minimumPatients + 1)
  }
}
