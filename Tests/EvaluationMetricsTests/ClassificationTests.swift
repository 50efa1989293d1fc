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

  @Test func oneClassHasNoArea() {
    var scores = ClassificationScores(classCount: 2)
    for patient in 0..<4 { scores.append(patient: patient, label: 1, probabilities: [0.4, 0.6]) }
    var generator = SeededGenerator(state: 3)
    let resamples = PatientResamples(patientCount: 4, count: 10, using: &generator)
    #expect(scores.estimates([.auc, .accuracy, .dice], resamples: resamples).map(\.name) == ["accuracy"])
  }

  @Test func resampleWithoutAClassHoldsTheValue() throws {
    var scores = ClassificationScores(classCount: 2)
    scores.append(patient: 0, label: 0, probabilities: [0.3, 0.7])
    scores.append(patient: 1, label: 1, probabilities: [0.8, 0.2])
    var generator = SeededGenerator(state: 3)
    let resamples = PatientResamples(patientCount: 2, count: 50, using: &generator)
    let estimate = try #require(scores.estimates([.auc], resamples: resamples).first)
    #expect(estimate.value == 0)
    #expect(estimate.replicates == [Double](repeating: 0, count: 50))
  }

  @Test func intervalOfAnAreaHasTheKnownWidth() throws {
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
