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
    released.metrics = metrics.compactMap { $0.released(by: rules, of: patients[metric: $0.name]) }
    released.comparisons = rules.intervals ? comparisons?.filter { $0.isReleased(by: rules) } : nil
    released.calibration = rules.calibration ? merged(patients.calibration, rules) : []
    released.details = details?.released(by: rules, of: patients)
    return released
  }

  public func withoutPatients() -> SiteEvaluation {
    var evaluation = self
    evaluation.patients = nil
    for index in (comparisons ?? []).indices { evaluation.comparisons?[index].patients = nil }
    return evaluation
  }

  /// The bins of the reliability curve, merged with neighbours until each may leave. Empty if not even the
  /// bin of all patients may leave.
  private func merged(_ patients: [PatientSet], _ rules: ReleaseRules) -> [CalibrationBin] {
    guard patients.count == calibration.count else { return [] }
    var merged: [CalibrationBin] = []
    var open: (bin: CalibrationBin, patients: PatientSet)?
    for (bin, own) in zip(calibration, patients) where bin.exampleCount > 0 {
      let whole = open.map { (Self.merge($0.bin, bin), $0.patients.union(own)) } ?? (bin, own)
      if let released = rules.release(whole.0, of: whole.1) {
        merged.append(released)
        open = nil
      } else {
        open = whole
      }
    }
    if let rest = open?.bin, let last = merged.popLast() { merged.append(Self.merge(last, rest)) }
    return merged
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
  fileprivate func released(by rules: ReleaseRules, of patients: PatientSet) -> MetricEstimate? {
    guard rules.allows(metric: name), var metric = rules.release(self, of: patients) else { return nil }
    if !rules.replicates { metric.replicates = [] }
    if !rules.intervals { metric.interval = nil }
    return metric
  }
}

extension PairedComparison {
  fileprivate func isReleased(by rules: ReleaseRules) -> Bool {
    rules.allows(metric: metric) && rules.release(interval, of: patients) != nil
  }
}
