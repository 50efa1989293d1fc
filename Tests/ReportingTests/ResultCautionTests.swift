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

  @Test func namesSiteThatLosesBeyondChance() throws {
    let found = ResultCautions(results(Self.alone, [0.8, 0.58, 0.75])).all
    let harm = try #require(found.first)
    #expect(harm.kind == .harm && harm.sites == [SiteID("B")] && harm.arm == "fedavg")
    #expect(harm.message.contains("B (\u{2212}12.0\u{A0}points"))
    #expect(!ResultCautions(results(Self.alone, [0.8, 0.7, 0.75])).all.contains { $0.kind == .harm })
  }

  /// A loss whose interval reaches above 0 is a loss, but not a harm.
  @Test func lossWithinChanceIsNotAHarm() throws {
    let matrix = ResultMatrix(results(Self.alone, [0.8, 0.68, 0.75]), metric: "auc")
    var gains = matrix.siteGains(of: "fedavg")
    #expect(gains.map(\.isLoss) == [false, true, false])
    gains[1].difference.high = 0.001
    #expect(!gains[1].isHarm)
  }

  @Test func lossWithinChanceIsNamedAsPossible() throws {
    func cautions(shared value: Double) throws -> [Caution] {
      var results = results(Self.alone, [0.8, value, 0.75], spread: 0.1)
      let arm = try #require(results.arms.firstIndex { $0.name == "fedavg" })
      // The shared model is better in just those resamples in which the site's own model is worse.
      results.arms[arm].models[0].test[1].evaluation.metrics[0].replicates.reverse()
      return ResultCautions(results).all
    }
    let loss = try #require(try cautions(shared: 0.68).first)
    #expect(loss.kind == .possibleHarm && loss.sites == [SiteID("B")] && loss.arm == "fedavg")
    #expect(loss.message.contains("B (\u{2212}2.0\u{A0}points"))
    #expect(loss.message.contains("does worse on its own patients than with its own model"))
    #expect(try !cautions(shared: 0.695).contains { $0.kind == .possibleHarm })
  }

  @Test func lowerDistancesAreGains() {
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

  @Test func explainsUndefinedMetricAtASite() throws {
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

  @Test func cautionsAboutAResultFromAnEarlyRound() throws {
    var results = results(Self.alone, [0.8, 0.8, 0.8])
    let choose = { (round: Int, basis: RoundChoice.Basis) in
      RoundChoice(round: round, lastRound: 20, basis: basis, unitCount: 9)
    }
    results.arms[1].models[0].choice = choose(5, .best)
    let caution = try #require(ResultCautions(results).all.first { $0.kind == .chosenEarly })
    #expect(caution.message.contains("round 5 of 20") && caution.message.contains("9 validation patients"))
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

  @Test func cautionsAboutACurveThatStillRises() {
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

  /// The expected values come from NumPy's `polyfit`, with the residual variance over two degrees of freedom.
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

  // MARK: Intervals

  /// Nine patients, all correct, so that all replicates agree.
  private func certain(_ metric: String, _ value: Double = 1, count: Int = 9) -> MetricEstimate {
    MetricEstimate(
      name: metric, value: value, patientCount: count, replicates: [Double](repeating: value, count: 40))
  }

  private func varying(_ metric: String, _ value: Double = 0.7) -> MetricEstimate {
    MetricEstimate(
      name: metric, value: value, patientCount: 9, replicates: (0..<40).map { value + Double($0 - 20) / 400 })
  }

  @Test func valueWithIdenticalResamplesHasNoInterval() throws {
    for metric in ["c-index", "auc", "dice", "balanced-accuracy"] {
      let summary = SummaryEstimate(certain(metric), confidence: 0.95)
      #expect(summary.value == 1 && summary.low == nil && summary.high == nil)
    }
    // A site with an earlier version sends the ends of such an interval.
    var sent = MetricEstimate(
      name: "auc", value: 1, patientCount: 9, interval: MetricInterval(low: 1, high: 1))
    #expect(SummaryEstimate(sent, confidence: 0.95).low == nil)
    sent.name = "accuracy"
    // The expected value comes from R's `binom.test(9, 9)`.
    #expect(abs(try #require(SummaryEstimate(sent, confidence: 0.95).low) - 0.663_732_9) < 1e-7)
    #expect(SummaryEstimate(certain("accuracy"), confidence: 0.95).high == 1)
    #expect(SummaryEstimate(certain("accuracy", count: 4), confidence: 0.95).low == nil)
  }

  @Test func meanWithSuchASiteHasNoInterval() throws {
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    func low(_ estimates: [MetricEstimate]) -> Double? {
      SummaryEstimate(of: estimates, confidence: 0.95, mean)?.low
    }
    #expect(low([varying("accuracy"), varying("accuracy")]) != nil)
    #expect(low([varying("accuracy"), certain("accuracy")]) == nil)
    // The site sent its exact interval, and the replicates are consistent with it.
    var exact = varying("accuracy", 1)
    exact.interval = MetricInterval(low: 0.66, high: 1)
    #expect(low([varying("accuracy"), exact]) == nil)
  }

  /// The difference from a model that is always right varies as much as the other model. Two models that
  /// agree on all patients do not differ in any resample.
  @Test func differenceHasAnIntervalIfItVaries() throws {
    func low(_ one: MetricEstimate, _ other: MetricEstimate) -> Double? {
      SummaryEstimate(of: [one, other], pairs: [(one, other)], confidence: 0.95) { $0[0] - $0[1] }?.low
    }
    #expect(low(varying("auc"), certain("auc")) != nil)
    #expect(low(certain("auc"), certain("auc")) == nil)
    #expect(low(varying("auc"), varying("auc")) == nil)
  }

  /// Replaces site B's results of every model by an estimate.
  private func results(withAtB estimate: MetricEstimate, simulated: Bool) -> StudyResults {
    var results = results(Self.alone, [0.8, 0.8, 0.8], metric: estimate.name)
    results.setting = simulated ? .simulation : .federation
    results.study.asksForIntervals = true
    for arm in results.arms.indices {
      for model in results.arms[arm].models.indices {
        results.arms[arm].models[model].test[1].evaluation.metrics = [estimate]
      }
    }
    return results
  }

  private func missing(_ results: StudyResults) -> [Caution] {
    ResultCautions(results).all.filter { [.noInterval, .withheldInterval].contains($0.kind) }
  }

  @Test(arguments: [
    ("c-index", "fewer than 5 test patients there had the event"),
    ("auc", "fewer than 5 test patients there are of one of the classes"),
  ])
  func tooFewCasesAreSaid(metric: String, need: String) throws {
    let bare = MetricEstimate(name: metric, value: 1, patientCount: 11)
    let simulated = missing(results(withAtB: bare, simulated: true))
    #expect(simulated.map(\.kind) == [.noInterval] && simulated[0].sites == [SiteID("B")])
    #expect(simulated[0].message.contains(need) && !simulated[0].message.contains("policy"))
    // In a federation, the site's policy may also be the reason.
    let federated = missing(results(withAtB: bare, simulated: false))
    #expect(federated.map(\.kind) == [.withheldInterval])
    #expect(federated[0].message.contains(need) && federated[0].message.contains("policy"))
  }

  @Test func namesThePolicyIfNothingElseExplainsIt() throws {
    let bare = MetricEstimate(name: "dice", value: 0.7, patientCount: 11)
    let found = missing(results(withAtB: bare, simulated: false))
    #expect(found.map(\.kind) == [.withheldInterval] && !found[0].message.contains("fewer than 5"))
    var few = bare
    few.patientCount = 4
    #expect(missing(results(withAtB: few, simulated: false)).isEmpty)
  }

  @Test func cautionsAboutAResultWithoutSpread() throws {
    let found = missing(results(withAtB: certain("c-index"), simulated: true))
    #expect(found.map(\.arm) == ["local", "fedavg"] && found.allSatisfy { $0.kind == .noInterval })
    #expect(found.allSatisfy { $0.message.contains("every resample") && $0.sites == [SiteID("B")] })
    #expect(missing(results(withAtB: certain("accuracy"), simulated: true)).isEmpty)
  }

  // MARK: Titles

  @Test func terminalNamesSitesAndArmsByTitle() throws {
    var results = results(Self.alone, [0.8, 0.58, 0.75])
    results.sites[1].title = "Berlin University Hospital"
    results.cautions = ResultCautions(results).all
    let table = ResultsText.render(results)
    #expect(table.contains("caution: With FedAvg, Berlin University Hospital (B) (\u{2212}12.0"))
  }
}
