import FederatedCore
import Foundation

extension SitePolicy {
  /// Whether training may run at a moment.
  ///
  /// - Parameter calendar: has the site's time zone.
  public func mayTrain(at date: Date, in calendar: Calendar = .current) -> Bool {
    hours.contain(date, in: calendar)
  }

  /// When training may begin; `date` itself where it may run then.
  public func nextOpening(after date: Date, in calendar: Calendar = .current) -> Date {
    hours.nextOpening(after: date, in: calendar)
  }

  /// What of an evaluation may leave the site.
  ///
  /// Below the minimum number of patients nothing leaves, the count included, which is then 0. Bins of a reliability curve with
  /// fewer examples than that are merged with their neighbours.
  public func filter(_ evaluation: SiteEvaluation) -> SiteEvaluation {
    guard evaluation.patientCount >= release.minimumPatients else {
      return SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: [])
    }
    var released = evaluation
    guard release.perSiteMetrics else {
      (released.loss, released.metrics, released.calibration) = (nil, [], [])
      released.comparisons = nil
      released.details = nil
      return released
    }
    released.metrics = evaluation.metrics
      .filter { $0.patientCount >= release.minimumPatients && release.allows(metric: $0.name) }
      .map { metric in
        var metric = metric
        if !release.replicates { metric.replicates = [] }
        if !release.intervals { metric.interval = nil }
        return metric
      }
    released.comparisons = release.intervals ? allowed(evaluation.comparisons) : nil
    released.calibration = release.calibration ? merged(evaluation.calibration) : []
    released.details = filter(evaluation.details)
    return released
  }

  private func allowed(_ comparisons: [PairedComparison]?) -> [PairedComparison]? {
    comparisons?.filter {
      $0.patientCount >= release.minimumPatients && release.allows(metric: $0.metric)
    }
  }

  /// What of the account of a round's training may leave the site.
  ///
  /// The number of examples stays, since it is the update's weight; whether enough patients train is for the objections to say.
  /// The mean loss is nil where the site's own figures do not leave.
  public func filter(_ summary: TrainingSummary) -> TrainingSummary {
    var released = summary
    if !release.perSiteMetrics { released.loss = nil }
    return released
  }

  /// The bins of a curve, neighbours together until each has the minimum of examples; none where all together have fewer.
  private func merged(_ bins: [CalibrationBin]) -> [CalibrationBin] {
    var merged: [CalibrationBin] = []
    var open: CalibrationBin?
    for bin in bins where bin.exampleCount > 0 {
      let whole = open.map { Self.merge($0, bin) } ?? bin
      if whole.exampleCount >= release.minimumPatients {
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

extension SitePolicy.Release {
  /// Whether the metric with this name may leave; one that no study names may not, unless all may.
  func allows(metric name: String) -> Bool {
    metrics.map { $0.contains { $0.rawValue == name } } ?? true
  }
}
