extension SiteEvaluation: Releasable {
  /// Below the minimum number of patients nothing leaves, not even the count, which is then 0. Bins of a reliability curve with
  /// fewer examples than that are merged with their neighbours.
  public func released(by rules: ReleaseRules) -> SiteEvaluation {
    guard rules.release(patientCount, of: patientCount) != nil else {
      return SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: [])
    }
    var released = SiteEvaluation(
      patientCount: patientCount, exampleCount: exampleCount, loss: nil, metrics: [])
    guard rules.ownFigures else { return released }
    released.loss = loss
    released.metrics = metrics.compactMap { $0.released(by: rules) }
    released.comparisons = rules.intervals ? comparisons?.filter { $0.isReleased(by: rules) } : nil
    released.calibration = rules.calibration ? merged(calibration, rules) : []
    released.details = details?.released(by: rules)
    return released
  }

  /// The bins of a curve, neighbours together until each may leave; none if all together may not.
  private func merged(_ bins: [CalibrationBin], _ rules: ReleaseRules) -> [CalibrationBin] {
    var merged: [CalibrationBin] = []
    var open: CalibrationBin?
    for bin in bins where bin.exampleCount > 0 {
      let whole = open.map { Self.merge($0, bin) } ?? bin
      if rules.release(whole, of: whole.exampleCount) != nil {
        merged.append(whole)
        open = nil
      } else {
        open = whole
      }
    }
    if let rest = open, let last = merged.popLast() { merged.append(Self.merge(last, rest)) }
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
  fileprivate func released(by rules: ReleaseRules) -> MetricEstimate? {
    guard rules.allows(metric: name), var metric = rules.release(self, of: patientCount) else { return nil }
    if !rules.replicates { metric.replicates = [] }
    if !rules.intervals { metric.interval = nil }
    return metric
  }
}

extension PairedComparison {
  fileprivate func isReleased(by rules: ReleaseRules) -> Bool {
    rules.allows(metric: metric) && rules.release(interval, of: patientCount) != nil
  }
}

extension TrainingSummary: Releasable {
  /// The number of examples stays, since it is the update's weight; the site does not train at all if too few patients would.
  public func released(by rules: ReleaseRules) -> TrainingSummary {
    var released = self
    if !rules.ownFigures { released.loss = nil }
    return released
  }
}
