import EvaluationMetrics
import FederatedCore

extension EvaluationPatients {
  /// Stores, for each count of a classification, the patients whose examples were counted.
  ///
  /// - Parameters:
  ///   - scores: the scores of the test, in which `scores.patients` holds indices into `patients`.
  mutating func note(_ scores: ClassificationScores, in patients: [SessionData.Patient]) {
    func set(_ indices: [Int]) -> PatientSet { Self.set(indices, of: patients) }
    calibration = scores.reliabilityPatients.map(set)
    classes = scores.labelPatients.map(set)
    confusion = scores.confusionPatients.map(set)
    let curved = scores.classCount == 2 ? 1..<2 : 0..<scores.classCount
    curves = curved.map { index in
      scores.scorePatients(of: index).map {
        CurveBin(positives: set($0.positives), negatives: set($0.negatives))
      }
    }
  }

  /// Stores, for each number of a segmentation, the patients from whom it was computed.
  ///
  /// - Parameter occurring: for each patient, the classes that occur in the masks.
  mutating func note(
    _ estimates: [Estimate], of scores: SegmentationScores, occurring: [Set<UInt8>],
    in patients: [SessionData.Patient]
  ) {
    for estimate in estimates {
      metrics[estimate.name] = Self.set(scores.patients(defining: estimate.name), of: patients)
    }
    classes = (0...scores.classNames.count).map { label in
      Self.set(occurring.indices.filter { occurring[$0].contains(UInt8(label)) }, of: patients)
    }
  }

  private static func set(_ indices: [Int], of patients: [SessionData.Patient]) -> PatientSet {
    PatientSet(indices.compactMap { patients[$0].hash })
  }
}
