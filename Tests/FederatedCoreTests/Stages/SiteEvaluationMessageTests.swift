import FederatedCore
import Testing

struct SiteEvaluationMessageTests {
  private let evaluation = SiteEvaluation(
    patientCount: 30, exampleCount: 90, loss: 0.25,
    metrics: [
      .init(name: "auc", value: 0.5, patientCount: 3, replicates: [0.4, 0.6]),
      .init(name: "dice", value: -0.1, patientCount: 30, interval: .init(low: -0.25, high: 0.5)),
      .init(name: "hd95", value: 7, patientCount: 29, replicates: [1]),
    ],
    calibration: [.init(exampleCount: 9, meanProbability: 0.5, observedFrequency: 0.4)],
    comparisons: [
      .init(
        metric: "auc", against: String(repeating: "0", count: 64), patientCount: 30,
        interval: .init(low: 0, high: 1))
    ],
    details: EvaluationDetails(
      classCounts: [12, 14], trainingClassCounts: [30, 40], confusion: [10, 2, 3, 11],
      curves: [
        ScoreCurve(
          classIndex: 1,
          bins: [.init(low: 0.5, positives: 11, negatives: 2), .init(low: 0, positives: 3, negatives: 10)]),
        ScoreCurve(classIndex: 2, bins: [.init(low: 0, positives: 1, negatives: 2)]),
      ], cases: [CaseResult(number: 1, value: 0.2)]))

  @Test func roundTripsWithoutSingleResults() throws {
    var expected = evaluation
    expected.details?.cases = []
    #expect(try SiteEvaluation(evaluation.message) == expected)
    #expect(!"\(evaluation.message)".contains("cases"))
  }

  @Test func evaluationWithoutValuesRoundTrips() throws {
    let empty = SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: [])
    #expect(try SiteEvaluation(empty.message) == empty)
    let plain = SiteEvaluation(
      patientCount: 3, exampleCount: 3, loss: nil,
      metrics: [.init(name: "auc", value: 0.5, patientCount: 3)])
    #expect(try SiteEvaluation(plain.message) == plain)
  }

  @Test func probabilityMayExceedOneByRounding() throws {
    var rounded = evaluation
    rounded.calibration[0].meanProbability = Double(Float(1).nextUp)
    #expect(try SiteEvaluation(rounded.message).calibration.count == 1)
  }

  @Test(arguments: [
    ("patients", Fact.integer(-1)), ("examples", .integer(1 << 41)), ("loss", .real(.nan)),
    ("loss", .real(1e308)), ("loss", .text("0")), ("age", .integer(70)), ("metrics", .texts(["auc"])),
    ("metrics", .texts(["auc", "", "hd95"])), ("metric-values", .reals([0, .infinity, 0])),
    ("metrics", .texts([String(repeating: "m", count: 65), "dice", "hd95"])),
    ("metric-values", .reals([-1e308, 0, 0])), ("metric-patients", .integers([1, 2, -3])),
    ("metric-has-interval", .integers([0, 2, 0])), ("metric-has-interval", .integers([1, 1, 0])),
    ("metric-lows", .reals([0.6])), ("metric-highs", .reals([])), ("replicates", .reals([0.4, 0.6])),
    ("replicates", .reals([0.4, 1e40, 1])), ("replicate-counts", .integers([2, 0, 2])),
    ("replicate-counts", .integers([2, 1 << 40, 1])), ("calibration-probabilities", .reals([1e20])),
    ("calibration-frequencies", .reals([-0.1])), ("calibration-examples", .integers([9, 9])),
    ("comparison-models", .texts(["short"])), ("comparison-lows", .reals([2])),
    ("comparison-patients", .integers([])), ("class-counts", .integers([-1])),
    ("confusion", .integers(.init(repeating: 1, count: 10_001))), ("curve-bins", .integers([2, 2])),
    ("curve-lows", .reals([0.5, 2, 0])), ("curve-classes", .integers([1])),
  ])
  func impossibleNumbersAreRefused(name: String, fact: Fact) {
    var message = evaluation.message
    message.facts[name] = fact
    let error = #expect(throws: ConsiliumError.self) { try SiteEvaluation(message) }
    #expect(error?.code == .invalidUpdate)
  }

  @Test func missingColumnsAreRefused() {
    for name in evaluation.message.facts.keys {
      var message = evaluation.message
      message.facts[name] = nil
      let read = try? SiteEvaluation(message)
      // The remaining facts form a different evaluation or none, but never an evaluation with columns of
      // different lengths.
      if let read { #expect(read != evaluation && (try? SiteEvaluation(read.message)) == read, "\(name)") }
    }
  }
}
