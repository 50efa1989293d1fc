import FederatedCore
import Testing

@testable import Reporting

@Suite struct SummaryTests {
  /// Results of one metric from a matrix of values, local models first. Each value has two replicates,
  /// `spread` below and above it.
  static func results(metric: String, local: [[Double]], shared: [String: [Double]], spread: Double = 0.01)
    -> StudyResults
  {
    var results = SampleResults.make { ($0.sites, $0.rounds, $0.replicates) = (["A", "B", "C"], 0, 0) }
    results.study.metrics = [metric]
    func model(_ site: SiteID?, _ values: [Double]) -> ModelResults {
      ModelResults(
        site: site, digest: "", file: "", parameterCount: 0, selectedRound: 1,
        test: zip(results.sites, values).map { summary, value in
          SiteResult(
            site: summary.site,
            evaluation: SiteEvaluation(
              patientCount: 5, exampleCount: 5, loss: nil,
              metrics: [
                MetricEstimate(
                  name: metric, value: value, patientCount: 5,
                  replicates: [value * (1 - spread), value * (1 + spread)])
              ]))
        })
    }
    let alone = zip(results.sites, local).map { model($0.site, $1) }
    results.arms = [
      ArmResults(
        name: "local", kind: .local, summary: "", rounds: [], models: alone, stepCount: 0, seconds: 0)
    ]
    for (name, values) in shared.sorted(by: { $0.key < $1.key }) {
      results.arms.append(
        ArmResults(
          name: name, kind: name == "pooled" ? .pooled : .federated, summary: "", rounds: [],
          models: [model(nil, values)], stepCount: 0, seconds: 0))
    }
    return results
  }

  static let matrix = ResultMatrix(
    results(
      metric: "dice", local: [[0.5, 0.4, 0.2], [0.3, 0.8, 0.5], [0.1, 0.3, 0.4]],
      shared: ["fedavg": [0.6, 0.8, 0.6], "pooled": [0.8, 0.8, 0.8]]),
    metric: "dice")

  /// mean(0.6 − 0.5, 0.8 − 0.8, 0.6 − 0.4); the sites' own models have a mean of 1.7/3 on their own patients.
  @Test func gainOverLocalIsADifference() throws {
    let gain = try #require(Self.matrix.gainOverLocal(of: "fedavg"))
    #expect(abs(gain.value - 0.1) < 1e-12)
    let share = try #require(Self.matrix.relativeGainOverLocal(of: "fedavg"))
    #expect(abs(share.value - 0.3 / 1.7) < 1e-12)
  }

  /// At other sites, A's model has 0.3 and fedavg 0.7; B's model 0.4 and 0.6; C's model 0.2 and 0.7.
  @Test func generalisabilityGainIsADifference() throws {
    let gain = try #require(Self.matrix.generalisabilityGain(of: "fedavg"))
    #expect(abs(gain.value - (0.4 + 0.2 + 0.5) / 3) < 1e-12)
    let share = try #require(Self.matrix.relativeGeneralisabilityGain(of: "fedavg"))
    #expect(abs(share.value - (2.0 / 0.9 - 1)) < 1e-12)
  }

  @Test func shareOfPooled() throws {
    let share = try #require(Self.matrix.share(of: "fedavg", to: "pooled"))
    #expect(abs(share.value - 2.0 / 2.4) < 1e-12)
  }

  @Test func meansAreOverSites() throws {
    #expect(abs(try #require(Self.matrix.mean(ofArm: "local")).value - 1.7 / 3) < 1e-12)
    #expect(abs(try #require(Self.matrix.mean(of: Self.matrix.rows[0])).value - 1.1 / 3) < 1e-12)
    #expect(Self.matrix.rows.map(\.label) == ["local A", "local B", "local C", "fedavg", "pooled"])
  }

  /// B's model is the best of the three, with a mean of 0.533; fedavg has 0.667.
  @Test func marginIsOverTheBestSingleSite() throws {
    let lead = try #require(Self.matrix.lead(of: "fedavg"))
    #expect(lead.site == SiteID("B"))
    #expect(!lead.isTogether)
    #expect(abs(lead.difference.value - (2.0 - 1.6) / 3) < 1e-12)
    #expect(Self.matrix.lead(of: "local") == nil)
  }

  /// Lower is better: 8 compared with 50/3. Each replicate deviates by 10 % in both, and so does the
  /// difference.
  @Test func marginOfADistanceIsPaired() throws {
    let results = Self.results(
      metric: "hausdorff95", local: [[10, 20, 20], [20, 20, 20], [20, 20, 20]],
      shared: ["fedavg": [8, 8, 8]], spread: 0.1)
    let lead = try #require(ResultMatrix(results, metric: "hausdorff95").lead(of: "fedavg"))
    let value = 50.0 / 3 - 8
    #expect(lead.site == SiteID("A"))
    #expect(abs(lead.difference.value - value) < 1e-12)
    #expect(try #require(lead.difference.low) >= 0.9 * value - 1e-12)
    #expect(try #require(lead.difference.high) <= 1.1 * value + 1e-12)
  }

  /// If models were also tested on all patients together, that test decides. There, C's model is the best,
  /// whatever the means over sites are.
  @Test func marginUsesAllPatientsAsOneGroupIfTested() throws {
    var results = Self.results(
      metric: "dice", local: [[0.5, 0.4, 0.2], [0.3, 0.8, 0.5], [0.1, 0.3, 0.4]],
      shared: ["fedavg": [0.6, 0.8, 0.6]])
    let together = [SiteID("A"): 0.3, SiteID("B"): 0.4, SiteID("C"): 0.5]
    for arm in results.arms.indices {
      for model in results.arms[arm].models.indices {
        let value = results.arms[arm].models[model].site.flatMap { together[$0] } ?? 0.7
        results.arms[arm].models[model].together = SiteEvaluation(
          patientCount: 15, exampleCount: 15, loss: nil,
          metrics: [MetricEstimate(name: "dice", value: value, patientCount: 15, replicates: [])])
      }
    }
    let lead = try #require(ResultMatrix(results, metric: "dice").lead(of: "fedavg"))
    #expect(lead.site == SiteID("C"))
    #expect(lead.isTogether)
    #expect(abs(lead.difference.value - 0.2) < 1e-12)
    #expect(lead.difference.low == nil)
  }

  /// The replicates of all models move together, so their common spread cancels in the differences.
  @Test func intervalsArePaired() throws {
    let results = Self.results(
      metric: "dice", local: [[0.5, 0.4, 0.2], [0.3, 0.8, 0.5], [0.1, 0.3, 0.4]],
      shared: ["fedavg": [0.6, 0.9, 0.6]], spread: 0.1)
    let matrix = ResultMatrix(results, metric: "dice")
    let gain = try #require(matrix.gainOverLocal(of: "fedavg"))
    #expect(try #require(gain.low) >= 0.9 * gain.value - 1e-12)
    #expect(try #require(gain.high) <= 1.1 * gain.value + 1e-12)
    // The ratio is the same in every resample, so the resamples do not show its uncertainty.
    #expect(try #require(matrix.relativeGainOverLocal(of: "fedavg")).low == nil)
    let mean = try #require(matrix.mean(ofArm: "fedavg"))
    #expect(try #require(mean.high) - #require(mean.low) > 0.1)
  }

  @Test func lowerIsBetterForDistances() throws {
    let results = Self.results(
      metric: "hausdorff95", local: [[10, 20, 20], [20, 10, 20], [20, 20, 10]], shared: ["fedavg": [8, 8, 8]])
    let matrix = ResultMatrix(results, metric: "hausdorff95")
    #expect(abs(try #require(matrix.gainOverLocal(of: "fedavg")).value - 2) < 1e-12)
    #expect(abs(try #require(matrix.generalisabilityGain(of: "fedavg")).value - 12) < 1e-12)
    #expect(abs(try #require(matrix.relativeGainOverLocal(of: "fedavg")).value - 0.2) < 1e-12)
  }

  @Test("A gain over a value near zero is stated as a difference only", arguments: [0, 0.004])
  func noRelativeGainOverValuesNearZero(local: Double) throws {
    let row = [local, local, local]
    // Each replicate deviates by 60 %, so the interval of the local models' value comes close to zero.
    let results = Self.results(
      metric: "dice", local: [row, row, row], shared: ["fedavg": [0.5, 0.5, 0.5]], spread: 0.6)
    let matrix = ResultMatrix(results, metric: "dice")
    #expect(abs(try #require(matrix.gainOverLocal(of: "fedavg")).value - (0.5 - local)) < 1e-12)
    #expect(abs(try #require(matrix.generalisabilityGain(of: "fedavg")).value - (0.5 - local)) < 1e-12)
    #expect(matrix.relativeGainOverLocal(of: "fedavg") == nil)
    #expect(matrix.relativeGeneralisabilityGain(of: "fedavg") == nil)
    #expect(matrix.share(of: "fedavg", to: "local") == nil)
    #expect(matrix.mean(ofArm: "unknown") == nil)
  }

  @Test func confidenceLevelIsTheStudys() throws {
    var results = SampleResults.make()
    let wide = try #require(ResultMatrix(results, metric: "dice").mean(ofArm: "fedavg"))
    results.study.confidence = 0.5
    let narrow = try #require(ResultMatrix(results, metric: "dice").mean(ofArm: "fedavg"))
    #expect(try #require(narrow.low) > #require(wide.low))
    #expect(Report(results).html.contains("50\u{A0}% interval"))
  }
}
