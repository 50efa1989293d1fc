import Foundation
import Testing

@testable import EvaluationMetrics

/// Patients with several images, against NumPy, scikit-learn and lifelines; see
/// `Fixtures/make_grouped_values.py`.
private struct GroupedValues: Decodable {
  struct Classification: Decodable, CustomTestStringConvertible {
    var name: String
    var classCount: Int
    var aggregation: String
    var patients: [Int]
    var labels: [Int]
    var probabilities: [Float]
    var values: [String: Double]
    var perImageArea: Double
    var testDescription: String { name }
  }

  struct Survival: Decodable, CustomTestStringConvertible {
    var aggregation: String
    var patients: [Int]
    var times: [Double]
    var events: [Bool]
    var risks: [Double]
    var value: Double
    var testDescription: String { aggregation }
  }

  var classification: [Classification]
  var survival: [Survival]

  static func load() throws -> Self {
    let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    let data = try Data(contentsOf: folder.appendingPathComponent("grouped-values.json"))
    return try JSONDecoder().decode(Self.self, from: data)
  }
}

struct ScoreAggregationTests {
  private func aggregation(_ name: String) -> ScoreAggregation { name == "max" ? .max : .mean }

  private func scores(_ reference: GroupedValues.Classification) -> ClassificationScores {
    var scores = ClassificationScores(classCount: reference.classCount)
    for (index, label) in reference.labels.enumerated() {
      let row = index * reference.classCount
      scores.append(
        patient: reference.patients[index], label: label,
        probabilities: reference.probabilities[row..<(row + reference.classCount)])
    }
    return scores
  }

  @Test(arguments: try GroupedValues.load().classification)
  private func metricsArePerPatient(reference: GroupedValues.Classification) throws {
    let images = scores(reference)
    let whole = images.aggregated(by: aggregation(reference.aggregation))
    #expect(whole.exampleCount == Set(reference.patients).count)
    #expect(whole.patients == Array(0..<whole.exampleCount))
    for (name, expected) in reference.values {
      let metric = try #require(Metric(rawValue: name))
      let value = try #require(whole.resampled(metric)?.value(exampleCount: whole.exampleCount))
      #expect(abs(value - expected) < 1e-7)
    }
    let curve = whole.reliabilityCurve
    #expect(curve.reduce(0) { $0 + $1.exampleCount } == whole.exampleCount)
    if reference.classCount == 2 {
      let area = try #require(AreaUnderCurve(images).value(exampleCount: images.exampleCount))
      #expect(abs(area - reference.perImageArea) < 1e-7)
      #expect(abs(area - reference.values["auc"]!) > 1e-4)
    }
  }

  @Test(arguments: try GroupedValues.load().survival)
  private func concordanceIsPerPatient(reference: GroupedValues.Survival) throws {
    var scores = SurvivalScores()
    for index in reference.risks.indices {
      scores.append(
        patient: reference.patients[index], time: reference.times[index], event: reference.events[index],
        risk: reference.risks[index])
    }
    let whole = scores.aggregated(by: aggregation(reference.aggregation))
    let value = try #require(ConcordanceIndex(whole).value(exampleCount: whole.risks.count))
    #expect(abs(value - reference.value) < 1e-12)
  }

  @Test func patientsWithOneImageKeepTheirScores() {
    var scores = ClassificationScores(classCount: 2)
    for patient in 0..<5 { scores.append(patient: patient, label: patient % 2, probabilities: [0.3, 0.6]) }
    #expect(scores.aggregated(by: .max).probabilities == scores.probabilities)
    #expect(scores.aggregated(by: .mean).labels == scores.labels)
  }

  /// Classes 1 and 2 occur twice each, which gives the later class, 2. Class 0 occurs twice and class 2 once,
  /// which gives class 0.
  @Test func patientHasTheClassOfMostImages() {
    var scores = ClassificationScores(classCount: 3)
    let row: [Float] = [0.2, 0.3, 0.5]
    for (patient, label) in [(0, 2), (0, 1), (0, 1), (0, 2), (1, 0), (1, 2), (1, 0)] {
      scores.append(patient: patient, label: label, probabilities: row)
    }
    #expect(scores.aggregated(by: .mean).labels == [2, 0])
  }
}
