import Testing

@testable import EvaluationMetrics

@Suite struct SurvivalTests {
  @Test("As lifelines' concordance_index", arguments: try ReferenceValues.load().survival)
  func values(reference: ReferenceValues.Survival) throws {
    var scores = SurvivalScores()
    for index in reference.times.indices {
      scores.append(
        patient: index, time: reference.times[index], event: reference.events[index],
        risk: reference.risks[index])
    }
    let concordance = ConcordanceIndex(scores)
    let value = try #require(concordance.value(exampleCount: reference.times.count))
    #expect(abs(value - reference.value) < 1e-12)
    let weighted = try #require(reference.weights.withUnsafeBufferPointer(concordance.value(weights:)))
    #expect(abs(weighted - reference.weightedValue) < 1e-12)
  }

  @Test func allCensoredIsUndefined() {
    var scores = SurvivalScores()
    for patient in 0..<5 { scores.append(patient: patient, time: Double(patient), event: false, risk: 1) }
    var generator = SeededGenerator(state: 1)
    let resamples = PatientResamples(patientCount: 5, count: 5, using: &generator)
    #expect(scores.estimates([.concordance], resamples: resamples).isEmpty)
  }
}
