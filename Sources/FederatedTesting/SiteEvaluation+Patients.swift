import FederatedCore

extension SiteEvaluation {
  /// The evaluation with generated sets of patients in addition to its counts. A count of `n` gets a set of
  /// `n` patients. Different bins of one table get different patients.
  public func withMadeUpPatients() -> SiteEvaluation {
    var evaluation = self
    var patients = EvaluationPatients(all: .madeUp(patientCount))
    for metric in metrics { patients.metrics[metric.name] = .madeUp(metric.patientCount) }
    patients.calibration = PatientSet.madeUp(calibration.map(\.exampleCount))
    patients.classes = PatientSet.madeUp(details?.classCounts ?? [])
    patients.trainingClasses = PatientSet.madeUp(details?.trainingClassCounts ?? [])
    patients.confusion = PatientSet.madeUp(details?.confusion ?? [])
    patients.curves = (details?.curves ?? []).map { curve in
      let sets = PatientSet.madeUp(curve.bins.flatMap { [$0.positives, $0.negatives] })
      return curve.bins.indices.map { .init(positives: sets[2 * $0], negatives: sets[2 * $0 + 1]) }
    }
    evaluation.patients = patients
    for index in (comparisons ?? []).indices {
      evaluation.comparisons?[index].patients = .madeUp(comparisons?[index].patientCount ?? 0)
    }
    return evaluation
  }
}

extension PatientSet {
  /// A set of `count` patients, numbered from 0.
  public static func madeUp(_ count: Int) -> PatientSet { PatientSet((0..<count).map(UInt64.init)) }

  /// One set of patients for each of these sizes. No patient is in two sets.
  public static func madeUp(_ counts: [Int]) -> [PatientSet] {
    var next = 0
    return counts.map { count in
      defer { next += count }
      return PatientSet((next..<next + count).map(UInt64.init))
    }
  }
}
