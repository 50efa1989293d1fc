import FederatedCore
import StudyProtocol
import Testing

@Suite struct SitePolicyFilterTests {
  private let evaluation = SiteEvaluation(
    patientCount: 40, exampleCount: 80, loss: 0.5,
    metrics: [
      MetricEstimate(name: "auc", value: 0.8, patientCount: 40, replicates: [0.7, 0.9]),
      MetricEstimate(name: "f1", value: 0.6, patientCount: 9, replicates: [0.5, 0.7]),
    ],
    calibration: [
      CalibrationBin(exampleCount: 4, meanProbability: 0.1, observedFrequency: 0),
      CalibrationBin(exampleCount: 0, meanProbability: 0, observedFrequency: 0),
      CalibrationBin(exampleCount: 12, meanProbability: 0.3, observedFrequency: 0.5),
      CalibrationBin(exampleCount: 20, meanProbability: 0.6, observedFrequency: 0.5),
      CalibrationBin(exampleCount: 4, meanProbability: 0.9, observedFrequency: 1),
    ])

  @Test func defaultPolicyReleasesAggregatesOfEnoughPatients() {
    let released = SitePolicy().filter(evaluation)
    #expect(released.patientCount == 40)
    #expect(released.exampleCount == 80)
    #expect(released.loss == 0.5)
    #expect(released.metrics == [MetricEstimate(name: "auc", value: 0.8, patientCount: 40)])
  }

  @Test func smallBinsAreMergedWithTheirNeighbours() {
    let bins = SitePolicy().filter(evaluation).calibration
    #expect(bins.map(\.exampleCount) == [16, 24])
    #expect(abs(bins[0].meanProbability - (4 * 0.1 + 12 * 0.3) / 16) < 1e-12)
    #expect(abs(bins[0].observedFrequency - 6.0 / 16) < 1e-12)
    #expect(abs(bins[1].observedFrequency - (20 * 0.5 + 4) / 24) < 1e-12)
    var few = evaluation
    few.calibration = Array(evaluation.calibration.prefix(2))
    #expect(SitePolicy().filter(few).calibration == [])
  }

  @Test(arguments: [(10, true), (9, false), (0, false)])
  func nothingLeavesBelowTheMinimum(patients: Int, leaves: Bool) {
    var small = evaluation
    small.patientCount = patients
    let released = SitePolicy().filter(small)
    #expect(released.metrics.isEmpty != leaves)
    if !leaves {
      #expect(released == SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: []))
    }
  }

  @Test func forbiddenMetricsAreLeftOut() {
    let release = SitePolicy.Release(metrics: [.f1], minimumPatients: 5, calibration: false, replicates: true)
    let released = SitePolicy(release: release).filter(evaluation)
    #expect(released.metrics == [evaluation.metrics[1]])
    #expect(released.calibration == [])
    let none = SitePolicy(release: .init(perSiteMetrics: false)).filter(evaluation)
    #expect(none == SiteEvaluation(patientCount: 40, exampleCount: 80, loss: nil, metrics: []))
  }

  @Test func intervalsLeaveUnlessThePolicyForbidsThem() throws {
    var tested = evaluation
    tested.metrics[0].interval = MetricInterval(low: 0.7, high: 0.9)
    let difference = { (metric: String, patients: Int) in
      PairedComparison(
        metric: metric, against: String(repeating: "a", count: 64), patientCount: patients,
        interval: MetricInterval(low: -0.1, high: 0.1))
    }
    tested.comparisons = [difference("auc", 40), difference("auc", 9), difference("f1", 40)]
    let usual = SitePolicy().filter(tested)
    #expect(usual.metrics[0].interval == MetricInterval(low: 0.7, high: 0.9))
    #expect(usual.metrics[0].replicates.isEmpty)
    #expect(usual.comparisons == [difference("auc", 40), difference("f1", 40)])
    #expect(
      SitePolicy(release: .init(metrics: [.auc])).filter(tested).comparisons == [difference("auc", 40)])
    let closed = SitePolicy(release: .init(intervals: false))
    #expect(closed.filter(tested).metrics[0].interval == nil && closed.filter(tested).comparisons == nil)
    #expect(SitePolicy(release: .init(perSiteMetrics: false)).filter(tested).comparisons == nil)
    let yaml = try SitePolicy(yaml: "release: {intervals: false}")
    #expect(yaml == closed)
    #expect(try SitePolicy(yaml: "release: {intervals: true}").digest() == SitePolicy().digest())
  }

  @Test func trainingLossFollowsPerSiteMetrics() {
    let summary = TrainingSummary(exampleCount: 80, stepCount: 10, loss: 0.5, seconds: 3)
    #expect(SitePolicy().filter(summary) == summary)
    let released = SitePolicy(release: .init(perSiteMetrics: false)).filter(summary)
    #expect(released.loss == nil)
    #expect(released.exampleCount == 80)
  }
}
