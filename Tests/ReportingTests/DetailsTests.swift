import FederatedCore
import Foundation
import Testing

@testable import Reporting

@Suite struct DetailsTests {
  /// The result of scikit-learn's `roc_curve` on 24 invented scores, as counts.
  private static let curve = ScoreCurve(
    classIndex: 1,
    bins: zip(
      zip([0, 1, 2, 3, 4, 6, 6, 8, 9, 9, 10, 10], [1, 2, 3, 4, 6, 6, 8, 9, 9, 10, 10, 10]).map { $1 - $0 },
      zip(
        zip([0, 0, 0, 1, 2, 3, 6, 8, 10, 11, 11, 12], [0, 0, 1, 2, 3, 6, 8, 10, 11, 11, 12, 14]).map {
          $1 - $0
        },
        [1, 0.75, 0.625, 0.5625, 0.4375, 0.375, 0.3125, 0.25, 0.1875, 0.125, 0.0625, 0])
    ).map { ScoreCurve.Bin(low: $1.1, positives: $0, negatives: $1.0) })

  static let details = EvaluationDetails(
    classCounts: [14, 10], trainingClassCounts: [60, 0], confusion: [12, 2, 6, 4], curves: [curve],
    cases: [CaseResult(number: 1, value: 0.4375), CaseResult(number: 2, value: 0.0625)])

  private static func results(_ setting: RunSetting = .simulation) -> StudyResults {
    var results = SampleResults.make { ($0.isClassification, $0.rounds) = (true, 2) }
    results.setting = setting
    for arm in results.arms.indices {
      for model in results.arms[arm].models.indices {
        for test in results.arms[arm].models[model].test.indices {
          results.arms[arm].models[model].test[test].evaluation.details = details
        }
      }
    }
    return results
  }

  @Test func rocPointsMatchScikitLearn() throws {
    let roc = try #require(ROCSummary(Self.curve))
    #expect(roc.points.map(\.truePositives) == [0, 1, 2, 3, 4, 6, 6, 8, 9, 9, 10, 10, 10])
    #expect(roc.points.map(\.falsePositives) == [0, 0, 0, 1, 2, 3, 6, 8, 10, 11, 11, 12, 14])
    // The trapezoids add up to `roc_auc_score`.
    let area = zip(roc.line, roc.line.dropFirst()).reduce(0) { sum, pair in
      sum + (pair.1.x - pair.0.x) * (pair.1.y + pair.0.y) / 2
    }
    #expect(abs(area - 0.7071428571428572) < 1e-12)
    #expect(roc.point(sensitivityAtLeast: 0.9)?.threshold == 0.25)
    #expect(roc.point(atOrAbove: 0.5)?.threshold == 0.5625)
  }

  @Test func noROCCurveWithoutBothClasses() {
    #expect(ROCSummary(ScoreCurve(classIndex: 1, bins: [.init(low: 0.5, positives: 3, negatives: 0)])) == nil)
  }

  /// SciPy's `binomtest(hits, count).proportion_ci(0.95, method="wilson")`.
  @Test(arguments: [
    (0, 12, 0.0, 0.24249400665524085), (9, 12, 0.46769466506643426, 0.9110583316059453),
    (45, 50, 0.7863976856252034, 0.9565242350681095),
  ])
  func sharesHaveWilsonsInterval(hits: Int, count: Int, low: Double, high: Double) throws {
    let estimate = try #require(CountedShare(hits: hits, count: count).estimate(confidence: 0.95))
    #expect(abs(estimate.value - Double(hits) / Double(count)) < 1e-12)
    #expect(abs(try #require(estimate.low) - low) < 1e-9)
    #expect(abs(try #require(estimate.high) - high) < 1e-9)
    #expect(CountedShare(hits: 0, count: 0).estimate(confidence: 0.95) == nil)
  }

  @Test func pageShowsOperatingPointsAndConfusion() throws {
    let page = try PageInspector(Report(Self.results()).html)
    #expect(page.text.contains("FedAvg: true and predicted classes"))
    // Four sites with [12, 2; 6, 4] each: 48 of 56 and 16 of 40 are correct.
    #expect(page.text.contains("Predicted: malignant") && page.text.contains("86\u{A0}%"))
    // Four of 10 are found, and 12 of 14 are correctly negative.
    #expect(page.text.contains("10 / 14") && page.text.contains("0.40") && page.text.contains("0.86"))
    #expect(page.text.contains("1 \u{2212} specificity"))
    #expect(page.text.contains("Henry Ford Hospital has no training patients of 'malignant'."))
    #expect(page.text.contains("For research only."))
  }

  @Test("Single patients are shown in a simulation only", arguments: [RunSetting.simulation, .federation])
  func worstCases(setting: RunSetting) throws {
    let text = try PageInspector(Report(Self.results(setting)).html).text
    #expect(text.contains("The worst results") == (setting == .simulation))
  }

  /// The worst of all sites come first; ties are ordered by site and number.
  @Test func worstCasesComeFromAllSites() {
    let test = { (site: String, values: [Double]) in
      SiteResult(
        site: SiteID(site),
        evaluation: SiteEvaluation(
          patientCount: values.count, exampleCount: values.count, loss: nil, metrics: [],
          details: EvaluationDetails(
            cases: values.enumerated().map { CaseResult(number: $0 + 1, value: $1) })))
    }
    let worst = WorstCase.all(of: [test("B", [0.9, 0.2, 0.1]), test("A", [0.2, 0.5])], count: 4)
    #expect(worst.map(\.site.rawValue) == ["B", "A", "B", "A"])
    #expect(worst.map(\.result.number) == [3, 1, 2, 2])
    #expect(WorstCase.all(of: [test("A", [])]).isEmpty)
  }

  @Test func worstCaseImagesFollowTheirResults() throws {
    var results = Self.results()
    results.panels = [
      PanelImage(
        site: SiteID("HT"), arm: "fedavg", png: Data([137, 80, 78, 71]), caption: "Case 9. Truth: benign."),
      PanelImage(
        site: SiteID("HT"), arm: "fedavg", png: Data([137, 80, 78, 71]), caption: "Case 2. Truth: malignant.",
        worstCase: 2),
    ]
    let html = Report(results).html
    let worst = try #require(html.range(of: "id=\"worst\""))
    let examples = try #require(html.range(of: "id=\"panels\""))
    let picture = try #require(html.range(of: "probability of the true class 0.06. Case 2."))
    #expect(picture.lowerBound > worst.upperBound && picture.upperBound < examples.lowerBound)
    #expect(html[examples.upperBound...].contains("Case 9. Truth: benign."))
    #expect(!html[examples.upperBound...].contains("Case 2."))
    results.setting = .federation
    results.panels.removeFirst()
    #expect(!Report(results).html.contains("Case 2."))
  }

  @Test func omitsDetailSectionsWithoutDetails() throws {
    let text = try PageInspector(ReportPageTests.Case.classification.html).text
    for title in ["Decisions of the model", "Classes at each site", "The worst results"] {
      #expect(!text.contains(title))
    }
  }

  /// Below one half, a probability that is too high does not mean that the model is "too sure" of the
  /// finding.
  @Test func calibrationCaptionSuitsProbabilitiesBelowOneHalf() throws {
    let text = try PageInspector(ReportPageTests.Case.classification.html).text
    #expect(
      text.contains("Below it, a model predicts the finding more often than it occurs; above it, less often"))
    #expect(!text.contains("too sure"))
  }

  @Test("An arm looks the same in every run", arguments: ["fedavg", "fedprox", "scaffold", "something else"])
  func stylesDependOnTheName(name: String) {
    let style = Palette.style(ofArm: name, kind: .federated)
    let again = Palette.style(ofArm: name, kind: .federated)
    #expect(style.colour == again.colour && style.shape == again.shape)
    let known = ["fedavg", "fedprox", "fedadam", "scaffold", "median", "cyclic"].map {
      Palette.style(ofArm: $0, kind: .federated)
    }
    #expect(Set(known.map(\.colour)).count == 6 && Set(known.map(\.shape)).count == 6)
  }
}
