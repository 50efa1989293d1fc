import EvaluationMetrics
import FederatedCore
import StudyProtocol

/// The counts of a test, and the result of each test patient.
extension PartEvaluator {
  /// - Parameter scores: the scores of the test, in which `scores.patients` holds indices into `patients`.
  func details(of scores: ClassificationScores, _ patients: [SessionData.Patient]) throws -> EvaluationDetails
  {
    let curved = scores.classCount == 2 ? 1..<2 : 0..<scores.classCount
    let numbers = data.numbers(in: .test, seed: numbering)
    var truths: [Int: (sum: Double, count: Int)] = [:]
    for (example, label) in scores.labels.enumerated() {
      let stated = Double(scores.probabilities[example * scores.classCount + label])
      truths[scores.patients[example], default: (0, 0)].sum += stated
      truths[scores.patients[example], default: (0, 0)].count += 1
    }
    return EvaluationDetails(
      classCounts: scores.labelCounts, trainingClassCounts: try trainingClassCounts(scores.classCount),
      confusion: scores.confusion,
      curves: curved.map { index in
        ScoreCurve(
          classIndex: index,
          bins: scores.scoreCounts(of: index).map {
            .init(low: Double($0.score), positives: $0.positives, negatives: $0.negatives)
          })
      },
      cases: cases(
        patients.indices.map { index in truths[index].map { $0.sum / Double($0.count) } }, numbers))
  }

  /// - Parameters:
  ///   - occurring: for each patient, the classes that occur in the masks.
  ///   - scores: for each patient, the Dice coefficient of each foreground class.
  func details(of scores: [[Double?]], occurring: [Set<UInt8>], classCount: Int) -> EvaluationDetails {
    let values = scores.map { dice -> Double? in
      let defined = dice.compactMap(\.self)
      return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
    }
    return EvaluationDetails(
      classCounts: (0..<classCount).map { label in occurring.count { $0.contains(UInt8(label)) } },
      cases: cases(values, data.numbers(in: .test, seed: numbering)))
  }

  private func cases(_ values: [Double?], _ numbers: [Int]) -> [CaseResult] {
    // Patients of a pooled session have no numbers.
    guard Set(data.patients.map(\.site)).count == 1 else { return [] }
    return zip(numbers, values).compactMap { number, value in
      value.map { CaseResult(number: number, value: $0) }
    }.sorted { $0.number < $1.number }
  }

  /// For each class, the number of training patients who have an example of it.
  private func trainingClassCounts(_ classCount: Int) throws -> [Int] {
    try trainingClasses(classCount).map(\.count)
  }

  /// For each class, the training patients who have an example of it.
  func trainingClasses(_ classCount: Int) throws -> [[SessionData.Patient]] {
    try data.trainingClasses(classCount)
  }
}
