import FederatedCore
import Testing

@testable import Reporting

@Suite struct TextTableTests {
  @Test("Lines fit the terminal", arguments: ReportPageTests.Case.allCases)
  func fits(of kind: ReportPageTests.Case) throws {
    let text = ResultsText.render(kind.results)
    for line in text.split(separator: "\n") where !line.hasPrefix("PARTIAL") { #expect(line.count <= 100) }
    #expect(text.hasSuffix("\n"))
  }

  @Test func alignsModelsAndSites() throws {
    let results = SummaryTests.results(
      metric: "dice", local: [[0.5, 0.4, 0.2], [0.3, 0.8, 0.5], [0.1, 0.3, 0.4]],
      shared: ["fedavg": [0.6, 0.8, 0.6]], spread: 0.1)
    #expect(
      ResultsText.render(results) == """
        Dice on the sites' test patients, higher is better

        model        A       B       C     mean (95 % interval)
        local A  0.500*  0.400   0.200   0.367 (0.332 to 0.402)
        local B  0.300   0.800*  0.500   0.533 (0.483 to 0.584)
        local C  0.100   0.300   0.400*  0.267 (0.241 to 0.292)
        fedavg   0.600   0.800   0.600   0.667 (0.603 to 0.730)

        * the site's own model on its own patients

        fedavg        gain over local training  +10.0\u{A0}points (+9.0\u{A0}to\u{A0}+11.0)
        fedavg        gain in generalisability  +36.7\u{A0}points (+33.2\u{A0}to\u{A0}+40.2)
        fedavg        margin over B             +13.3\u{A0}points (+12.1\u{A0}to\u{A0}+14.6), best single site

        gains and margins: differences in points of 0.01 Dice on the same patients, positive is better

        """)
  }

  @Test func showsAllPatientsAsOneGroup() throws {
    var results = SummaryTests.results(
      metric: "dice", local: [[0.5, 0.4, 0.2], [0.3, 0.8, 0.5], [0.1, 0.3, 0.4]],
      shared: ["fedavg": [0.6, 0.8, 0.6]], spread: 0.1)
    let arm = try #require(results.arms.firstIndex { $0.name == "fedavg" })
    results.arms[arm].models[0].together = SiteEvaluation(
      patientCount: 9, exampleCount: 9, loss: nil,
      metrics: [MetricEstimate(name: "dice", value: 0.725, patientCount: 9)])
    let lines = ResultsText.render(results).split(separator: "\n")
    #expect(lines.contains("model        A       B       C     all     mean (95 % interval)"))
    #expect(lines.contains("local A  0.500*  0.400   0.200       –   0.367 (0.332 to 0.402)"))
    #expect(lines.contains("fedavg   0.600   0.800   0.600   0.725   0.667 (0.603 to 0.730)"))
    let csv = Report(results).matrixTable
    #expect(csv.contains("fedavg,all,all,dice,0.725,,,9,patients\n"))
    #expect(Report(results).html.contains("All patients"))
  }

  @Test func listsManySitesInRows() throws {
    let text = ResultsText.render(ReportPageTests.Case.thirtySites.results)
    let lines = text.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("Site 30 ") })
    #expect(lines.contains { $0.hasPrefix("mean ") })
    #expect(lines.count < 45)
  }

  @Test func namesWhatIsMissing() {
    let text = ResultsText.render(ReportPageTests.Case.partial.results)
    #expect(text.contains("PARTIAL RESULT: Cedars-Sinai Medical Center (CS) missing: no answer in round 3"))
    #expect(ResultsText.render(ReportPageTests.Case.noModels.results) == "No model was tested.\n")
  }
}
