import Testing

@testable import EvaluationMetrics

@Suite struct ClassificationTests {
  static let metrics: [Metric] = [.auc, .accuracy, .balancedAccuracy, .f1, .brier, .calibrationError]

  private func scores(_ reference: ReferenceValues.Classification) -> ClassificationScores {
    var scores = ClassificationScores(classCount: reference.classCount)
    for (index, label) in reference.labels.enumerated() {
      let row = index * reference.classCount
      scores.append(
        patient: index, label: label,
        probabilities: reference.probabilities[row..<(row + reference.classCount)])
    }
    return scores
  }

  @Test(
    "As scikit-learn, whole and with multiplicities", arguments: try ReferenceValues.load().classification,
    metrics)
  func values(reference: ReferenceValues.Classification, metric: Metric) throws {
    let resampled = try #require(scores(reference).resampled(metric))
    let value = try #require(resampled.value(exampleCount: reference.labels.count))
    #expect(abs(value - reference.values[metric.rawValue]!) < 1e-7)
    let weighted = try #require(reference.weights.withUnsafeBufferPointer(resampled.value(weights:)))
    #expect(abs(weighted - reference.weightedValues[metric.rawValue]!) < 1e-7)
  }

  @Test("Reliability curve as scikit-learn's", arguments: try ReferenceValues.load().classification)
  func curve(reference: ReferenceValues.Classification) {
    let curve = scores(reference).reliabilityCurve
    #expect(curve.map(\.exampleCount) == reference.curve.map { Int($0[0]) })
    for (bin, expected) in zip(curve, reference.curve) {
      #expect(abs(bin.meanProbability - expected[1]) < 1e-7)
      #expect(abs(bin.observedFrequency - expected[2]) < 1e-7)
    }
  }

  /// The expected counts come from `roc_curve(y, p, drop_intermediate=False)` and
  /// `confusion_matrix(y, p > 0.5)` of scikit-learn 1.x.
  @Test func countsMatchScikitLearn() {
    let labels = [1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0]
    let stated: [Float] = [
      0.3125, 1, 0.4375, 0.125, 0.375, 0.25, 0.4375, 0.25, 0.4375, 0.5625, 0.375, 0.1875, 0.75, 0.625, 0,
      0.3125, 0.0625, 0.3125, 0, 0.625, 0.375, 0.5625, 0.3125, 0.25,
    ]
    var scores = ClassificationScores(classCount: 2)
    for (index, label) in labels.enumerated() {
      scores.append(patient: index, label: label, probabilities: [1 - stated[index], stated[index]])
    }
    let counts = scores.scoreCounts(of: 1)
    var (positives, negatives) = ([0], [0])
    for count in counts {
      positives.append((positives.last ?? 0) + count.positives)
      negatives.append((negatives.last ?? 0) + count.negatives)
    }
    #expect(positives == [0, 1, 2, 3, 4, 6, 6, 8, 9, 9, 10, 10, 10])
    #expect(negatives == [0, 0, 0, 1, 2, 3, 6, 8, 10, 11, 11, 12, 14])
    #expect(
      counts.map(\.score)
        == [1, 0.75, 0.625, 0.5625, 0.4375, 0.375, 0.3125, 0.25, 0.1875, 0.125, 0.0625, 0])
    #expect(scores.confusion == [12, 2, 6, 4])
    #expect(scores.labelCounts == [14, 10])
  }

  /// scikit-learn's `confusion_matrix(y, q.argmax(1))`.
  @Test func confusionOfThreeClassesMatchesScikitLearn() {
    let labels = [0, 2, 0, 0, 0, 0, 0, 2, 1, 1, 0, 2, 2, 0, 0, 0, 0, 2, 1, 1, 0, 1, 2, 0]
    let stated: [Float] = [
      0.318, 0.843, 0.139, 0.41, 0.333, 0.557, 0.556, 0.605, 0.139, 0.395, 0.606, 0.299, 0.881, 0.055, 0.364,
      0.494, 0.06, 0.746, 0.689, 0.166, 0.445, 0.038, 0.278, 0.984, 0.054, 1.079, 0.166, 0.133, 0.653, 0.514,
      0.776, 0.036, 0.489, 0.685, 0.148, 0.467, 0.169, 0.399, 0.732, 0.798, 0, 0.502, 0.397, 0.749, 0.154,
      0.542, 0.247, 0.512, 0.48, 0.709, 0.11, 0.253, 0.69, 0.356, 0.434, 0.733, 0.133, 0.506, 0.467, 0.327,
      0.592, 0.699, 0.009, 0.004, 0.67, 0.626, 0.698, 0.19, 0.411, 0.706, 0.172, 0.422,
    ]
    var scores = ClassificationScores(classCount: 3)
    for (index, label) in labels.enumerated() {
      scores.append(patient: index, label: label, probabilities: stated[(3 * index)..<(3 * index + 3)])
    }
    #expect(scores.confusion == [6, 6, 1, 1, 4, 0, 2, 1, 3])
  }

  @Test func singleClassHasNoAUC() {
    var scores = ClassificationScores(classCount: 2)
    for patient in 0..<4 { scores.append(patient: patient, label: 1, probabilities: [0.4, 0.6]) }
    var generator = SeededGenerator(state: 3)
    let resamples = PatientResamples(patientCount: 4, count: 10, using: &generator)
    #expect(scores.estimates([.auc, .accuracy, .dice], resamples: resamples).map(\.name) == ["accuracy"])
  }

  @Test func resampleWithoutAClassTakesTheValueOfTheWholeSet() throws {
    var scores = ClassificationScores(classCount: 2)
    scores.append(patient: 0, label: 0, probabilities: [0.3, 0.7])
    scores.append(patient: 1, label: 1, probabilities: [0.8, 0.2])
    var generator = SeededGenerator(state: 3)
    let resamples = PatientResamples(patientCount: 2, count: 50, using: &generator)
    let estimate = try #require(scores.estimates([.auc], resamples: resamples).first)
    #expect(estimate.value == 0)
    #expect(estimate.replicates == [Double](repeating: 0, count: 50))
  }

  @Test func intervalOfAnAUCHasTheKnownWidth() throws {
    var generator = SeededGenerator(state: 5)
    var scores = ClassificationScores(classCount: 2)
    for patient in 0..<1000 {
      let probability = Float(generator.unit())
      scores.append(
        patient: patient, label: generator.unit() < Double(probability) ? 1 : 0,
        probabilities: [1 - probability, probability])
    }
    let resamples = PatientResamples(patientCount: 1000, count: 1000, using: &generator)
    let auc = try #require(scores.estimates([.auc], resamples: resamples).first)
    let interval = try #require(percentileInterval(of: auc.replicates))
    #expect(interval.contains(auc.value))
    // Hanley & McNeil's standard error of such an area is about 0.013.
    #expect((0.03...0.08).contains(interval.upperBound - interval.lowerBound))
  }
}
