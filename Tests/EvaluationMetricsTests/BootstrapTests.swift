import Testing

@testable import EvaluationMetrics

@Suite struct BootstrapTests {
  @Test func percentilesMatchNumPy() throws {
    let reference = try ReferenceValues.load().percentiles
    let sorted = reference.numbers.sorted()
    for (share, expected) in zip(reference.shares, reference.values) {
      #expect(abs(percentile(share, ofSorted: sorted) - expected) < 1e-12)
    }
    #expect(percentileInterval(of: []) == nil)
    #expect(percentileInterval(of: [3]) == 3...3)
  }

  @Test func everyResampleHasAsManyPatients() {
    var generator = SeededGenerator(state: 9)
    let resamples = PatientResamples(patientCount: 13, count: 40, using: &generator)
    let sums = resamples.map { $0.reduce(0, +) }
    #expect(sums == [Int32](repeating: 13, count: 40))
  }

  @Test func sameSeedYieldsSameResamples() {
    func draw() -> [[Int32]] {
      var generator = SeededGenerator(state: 77)
      return PatientResamples(patientCount: 6, count: 4, using: &generator).map(Array.init)
    }
    #expect(draw() == draw())
    #expect(Set(draw()).count > 1)
  }

  /// The bootstrap variance of a mean is σ²/n with σ² the sample's variance over n (Efron & Tibshirani 1993,
  /// 5.12).
  @Test func replicatesOfAMeanHaveTheKnownSpread() throws {
    var generator = SeededGenerator(state: 4)
    let values = (0..<50).map { _ in generator.unit() }
    let resamples = PatientResamples(patientCount: 50, count: 4000, using: &generator)
    let estimate = try #require(
      PatientMean(values: values).estimate(named: "x", patients: Array(0..<50), resamples: resamples))
    let mean = values.reduce(0, +) / 50
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50
    let replicateMean = estimate.replicates.reduce(0, +) / 4000
    let spread = estimate.replicates.reduce(0) { $0 + ($1 - replicateMean) * ($1 - replicateMean) } / 4000
    #expect(abs(estimate.value - mean) < 1e-12)
    #expect(abs(spread / (variance / 50) - 1) < 0.1)
  }

  @Test func allExamplesOfAPatientAreDrawnTogether() throws {
    // Two patients with two examples each: means of whole patients are 0.5, 0 and 1 only.
    var generator = SeededGenerator(state: 6)
    let resamples = PatientResamples(patientCount: 2, count: 100, using: &generator)
    let estimate = try #require(
      PatientMean(values: [0, 1, 0, 1]).estimate(named: "x", patients: [0, 1, 0, 1], resamples: resamples))
    #expect(Set(estimate.replicates) == [0, 0.5, 1])
    #expect(estimate.patientCount == 2)
  }
}
