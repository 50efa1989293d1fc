import Testing

@testable import EvaluationMetrics

struct ConfidenceIntervalTests {
  private func interval(
    _ metric: String, _ value: Double, _ count: Int, _ replicates: [Double], level: Double = 0.95
  )
    -> ClosedRange<Double>?
  {
    ConfidenceInterval.of(metric, value: value, count: count, replicates: replicates, level: level)
  }

  private func isClose(_ found: ClosedRange<Double>?, _ low: Double, _ high: Double) -> Bool {
    guard let found else { return false }
    return abs(found.lowerBound - low) < 1e-7 && abs(found.upperBound - high) < 1e-7
  }

  /// The expected bounds come from R's `binom.test(9, 9)`, `binom.test(0, 9)`, `binom.test(20, 20)` and
  /// `binom.test(9, 9, conf.level = 0.9)`.
  @Test func accuracyOf0Or1HasTheExactInterval() {
    #expect(isClose(interval("accuracy", 1, 9, [1, 1, 1]), 0.663_732_9, 1))
    #expect(isClose(interval("accuracy", 0, 9, [0, 0, 0]), 0, 0.336_267_1))
    #expect(isClose(interval("accuracy", 1, 20, [1, 1]), 0.831_566_5, 1))
    #expect(isClose(interval("accuracy", 1, 9, [1], level: 0.9), 0.716_871_2, 1))
  }

  @Test func equalResamplesGiveNoInterval() {
    for metric in ["c-index", "auc", "balanced-accuracy", "f1", "dice", "brier"] {
      #expect(interval(metric, 1, 11, [1, 1, 1, 1]) == nil)
    }
    // Equal except for rounding.
    #expect(interval("dice", 0.3, 11, [0.1 + 0.2, 0.3, 0.3]) == nil)
    #expect(ConfidenceInterval.of([0, 0, 0], level: 0.95) == nil)
    #expect(interval("accuracy", 1, 9, []) == nil)
    // Nearly all replicates agree, so the two percentiles are equal.
    #expect(interval("auc", 1, 30, [Double](repeating: 1, count: 200) + [0.9]) == nil)
  }

  @Test func differentResamplesGiveTheirPercentiles() {
    let replicates = (0...100).map { Double($0) / 100 }
    #expect(isClose(interval("accuracy", 0.5, 9, replicates), 0.025, 0.975))
    #expect(isClose(interval("auc", 0.5, 9, replicates + [.nan]), 0.025, 0.975))
    #expect(ConfidenceInterval.vary([1, 1, 0.999]))
    #expect(!ConfidenceInterval.vary([1, 1, 1]) && !ConfidenceInterval.vary([Double]()))
  }

  @Test func caseCountOfAnAUCIsThatOfTheRarestClass() {
    var scores = ClassificationScores(classCount: 2)
    // Four patients without the finding have two images each. Two patients with the finding have one image
    // each.
    for patient in 0..<4 {
      for _ in 0..<2 { scores.append(patient: patient, label: 0, probabilities: [0.8, 0.2]) }
    }
    for patient in 4..<6 { scores.append(patient: patient, label: 1, probabilities: [0.3, 0.7]) }
    #expect(cases(scores) == [2, nil])
    for patient in 6..<12 { scores.append(patient: patient, label: 1, probabilities: [0.3, 0.7]) }
    #expect(cases(scores) == [4, nil])
  }

  @Test func caseCountIgnoresAbsentClasses() {
    var scores = ClassificationScores(classCount: 3)
    for patient in 0..<7 {
      scores.append(patient: patient, label: patient < 3 ? 0 : 2, probabilities: [0.5, 0.1, 0.4])
    }
    #expect(cases(scores) == [3, nil])
  }

  private func cases(_ scores: ClassificationScores) -> [Int?] {
    scores.estimates([.auc, .accuracy], resamples: Self.resamples).map(\.caseCount)
  }

  private static let resamples: PatientResamples = {
    var generator = SeededGenerator(state: 3)
    return PatientResamples(patientCount: 12, count: 2, using: &generator)
  }()

  @Test func caseCountOfACIndexIsThatOfTheEvents() {
    var scores = SurvivalScores()
    for patient in 0..<11 {
      scores.append(patient: patient, time: Double(patient), event: patient % 4 == 1, risk: -Double(patient))
    }
    let estimate = scores.estimates([.concordance], resamples: Self.resamples).first
    #expect(estimate?.caseCount == 3 && estimate?.value == 1)
  }
}
