import FederatedCore
import Testing

@testable import Reporting

struct ResultCautionTests {
  private func results(_ local: [[Double]], _ shared: [Double], metric: String = "auc", spread: Double = 0.01)
    -> StudyResults
  {
    SummaryTests.results(metric: metric, local: local, shared: ["fedavg": shared], spread: spread)
  }

  private static let alone = [[0.7, 0.6, 0.6], [0.6, 0.7, 0.6], [0.6, 0.6, 0.7]]

  @Test func codesInCautionsBecomeTitlesOnAPage() {
    let text = "At va and ca-1, FedAvg of fedavg holds; not Nova, va-2 or ca."
    let titles = ["va": "V.A. va Center", "ca-1": "Cantine", "fedavg": "FedAvg"]
    #expect(
      text.replacingWords(titles)
        == "At V.A. va Center and Cantine, FedAvg of FedAvg holds; not Nova, va-2 or ca.")
  }

  @Test func siteThatLosesBeyondChanceIsNamed() throws {
    let found = ResultCautions(results(Self.alone, [0.8, 0.58, 0.75])).all
    let harm = try #require(found.first)
    #expect(harm.kind == .harm && harm.sites == [SiteID("B")] && harm.arm == "fedavg")
    #expect(harm.message.contains("B (\u{2212}12.0\u{A0}points"))
    #expect(!ResultCautions(results(Self.alone, [0.8, 0.7, 0.75])).all.contains { $0.kind == .harm })
  }

  /// A loss whose interval reaches above 0 is a loss, but no harm.
  @Test func lossWithinChanceIsNoHarm() throws {
    let matrix = ResultMatrix(results(Self.alone, [0.8, 0.68, 0.75]), metric: "auc")
    var gains = matrix.siteGains(of: "fedavg")
    #expect(gains.map(\.isLoss) == [false, true, false])
    gains[1].difference.high = 0.001
    #expect(!gains[1].isHarm)
  }

  @Test func lessIsBetterForADistance() {
    let found = ResultCautions(
      results([[5, 9, 9], [9, 5, 9], [9, 9, 5]], [4, 7, 5], metric: "hausdorff95")
    ).all
    #expect(found.map(\.kind) == [.harm])
    #expect(found.first?.sites == [SiteID("B")])
  }

  @Test func resultsNoBetterThanChance() throws {
    let found = ResultCautions(results(Self.alone, [0.3, 0.5, 0.9])).all
    #expect(try #require(found.first { $0.kind == .belowChance }).sites == [SiteID("A")])
    #expect(try #require(found.first { $0.kind == .notAboveChance }).sites == [SiteID("B")])
    let dice = ResultCautions(results(Self.alone, [0.3, 0.5, 0.9], metric: "dice")).all
    #expect(!dice.contains { $0.kind == .belowChance || $0.kind == .notAboveChance })
  }

  @Test func metricThatNoModelHasAtASiteIsExplained() throws {
    var results = results(Self.alone, [0.8, 0.8, 0.8])
    for arm in results.arms.indices {
      for model in results.arms[arm].models.indices {
        results.arms[arm].models[model].test[1].evaluation.metrics = [
          MetricEstimate(name: "accuracy", value: 1, patientCount: 5)
        ]
      }
    }
    let caution = try #require(ResultCautions(results).all.first { $0.kind == .fewOfClass })
    #expect(caution.sites == [SiteID("B")] && caution.message.contains("of one class"))
  }

  @Test func modelOfAFirstRoundIsNamed() throws {
    var results = results(Self.alone, [0.8, 0.8, 0.8])
    let choose = { (round: Int, basis: RoundChoice.Basis) in
      RoundChoice(round: round, lastRound: 20, basis: basis, unitCount: 9)
    }
    results.arms[1].models[0].choice = choose(5, .best)
    let caution = try #require(ResultCautions(results).all.first { $0.kind == .chosenEarly })
    #expect(caution.message.contains("round 5 of 20") && caution.message.contains("9 patients"))
    results.arms[1].models[0].choice = choose(6, .best)
    #expect(!ResultCautions(results).all.contains { $0.kind == .chosenEarly })
  }

  private func rounds(_ scores: [Double]) -> [RoundResults] {
    scores.enumerated().map { index, score in
      RoundResults(
        round: index + 1, training: [],
        validation: [
          SiteResult(
            site: SiteID("A"),
            evaluation: SiteEvaluation(
              patientCount: 50, exampleCount: 50, loss: nil,
              metrics: [MetricEstimate(name: "auc", value: score, patientCount: 50)]))
        ])
    }
  }

  @Test func curveThatStillRisesIsSaid() {
    var results = results(Self.alone, [0.8, 0.8, 0.8])
    func rises(_ scores: [Double]) -> Bool {
      results.arms[1].rounds = rounds(scores)
      return ResultCautions(results).all.contains { $0.kind == .stillRising }
    }
    #expect(rises((0..<12).map { 0.5 + 0.02 * Double($0) }))
    #expect(!rises([0.5, 0.6, 0.7, 0.74, 0.76, 0.77, 0.775, 0.776, 0.776, 0.775, 0.776, 0.775]))
    #expect(!rises([0.5, 0.9, 0.4, 0.8, 0.5, 0.9, 0.4, 0.8, 0.45, 0.9, 0.5, 0.7]))
    #expect(!rises([0.5, 0.6, 0.7]))
  }

  /// As NumPy's polyfit, with the residual variance over two degrees of freedom.
  @Test func trendIsLeastSquares() throws {
    let trend = try #require(Trend([0, 1, 2, 3], [1, 1.4, 2.4, 2.6]))
    #expect(abs(trend.slope - 0.58) < 1e-12)
    #expect(abs(trend.error - 0.103_923_048_454_132_57) < 1e-12)
    #expect(Trend([1, 1, 1], [1, 2, 3]) == nil)
    #expect(Trend([1, 2], [1, 2]) == nil)
  }

  @Test func intervalNeedsFivePatients() throws {
    let estimate = MetricEstimate(name: "auc", value: 0.7, patientCount: 4, replicates: [0.6, 0.8])
    #expect(SummaryEstimate(estimate, confidence: 0.95).low == nil)
    var five = estimate
    five.patientCount = 5
    #expect(SummaryEstimate(five, confidence: 0.95).low != nil)
    let mean = try #require(SummaryEstimate(of: [estimate, five], confidence: 0.95) { $0[0] + $0[1] })
    #expect(mean.low == nil)
  }
}
