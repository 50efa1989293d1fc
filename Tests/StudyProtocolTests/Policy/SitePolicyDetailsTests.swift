import FederatedCore
import StudyProtocol
import Testing

@Suite struct SitePolicyDetailsTests {
  /// 40 patients with the finding and 60 without, at many different probabilities.
  private static let curve = ScoreCurve(
    classIndex: 1,
    bins: (0..<100).map { place in
      let isPositive = place < 20 || place.isMultiple(of: 4)
      return .init(
        low: 0.995 - Double(place) / 100, positives: isPositive ? 1 : 0, negatives: isPositive ? 0 : 1)
    })

  private func released(
    _ details: EvaluationDetails, _ release: SitePolicy.Release = SitePolicy.Release()
  ) -> EvaluationDetails? {
    SitePolicy(release: release).filter(
      SiteEvaluation(patientCount: 100, exampleCount: 100, loss: nil, metrics: [], details: details)
    ).details
  }

  @Test func curvesHaveFixedThresholdsWithEnoughPatientsBetween() throws {
    let curve = try #require(released(EvaluationDetails(curves: [Self.curve]))?.curves.first)
    #expect(curve.positives == Self.curve.positives && curve.negatives == Self.curve.negatives)
    #expect(curve.bins.allSatisfy { $0.positives >= 10 && $0.negatives >= 10 })
    #expect(curve.bins.count > 1)
    for bin in curve.bins {
      #expect(abs(bin.low * 20 - (bin.low * 20).rounded()) < 1e-9)
      // The share above each remaining threshold is unchanged.
      let above = { (curve: ScoreCurve) in
        curve.bins.filter { $0.low >= bin.low - 1e-9 }.reduce(0) { $0 + $1.positives }
      }
      #expect(above(curve) == above(Self.curve))
    }
  }

  @Test func curveOfFewPatientsIsWithheld() {
    let few = ScoreCurve(
      classIndex: 1,
      bins: [.init(low: 0.8, positives: 9, negatives: 30), .init(low: 0.2, positives: 0, negatives: 30)])
    #expect(released(EvaluationDetails(curves: [few])) == nil)
  }

  @Test(
    "A table with a cell below the minimum stays as a whole", arguments: [(10, true), (9, false), (0, false)])
  func smallCells(cell: Int, leaves: Bool) {
    let details = EvaluationDetails(
      classCounts: [30 + cell, 30], trainingClassCounts: [cell, 80], confusion: [30, cell, 12, 18])
    let released = released(details)
    #expect(released?.classCounts == [30 + cell, 30])
    #expect(released?.trainingClassCounts == (leaves ? [cell, 80] : []))
    #expect(released?.confusion == (leaves ? [30, cell, 12, 18] : []))
  }

  @Test func singlePatientsResultsNeverLeave() {
    #expect(released(EvaluationDetails(cases: [CaseResult(number: 1, value: 0.1)])) == nil)
    let details = EvaluationDetails(classCounts: [50, 50], cases: [CaseResult(number: 1, value: 0.1)])
    #expect(released(details) == EvaluationDetails(classCounts: [50, 50]))
  }

  @Test func withheldDetailsDoNotLeave() {
    let details = EvaluationDetails(
      classCounts: [50, 50], confusion: [30, 20, 20, 30], curves: [Self.curve])
    #expect(released(details, .init(perSiteMetrics: false)) == nil)
    #expect(released(details, .init(calibration: false)) == EvaluationDetails(classCounts: [50, 50]))
    // A curve reveals the AUC, and a confusion matrix the accuracy.
    let accuracy = released(details, .init(metrics: [.accuracy, .balancedAccuracy, .f1]))
    #expect(accuracy?.curves == [] && accuracy?.confusion == details.confusion)
    let area = released(details, .init(metrics: [.auc]))
    #expect(area?.curves.count == 1 && area?.confusion == [])
  }
}
