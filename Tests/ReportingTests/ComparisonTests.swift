import FederatedCore
import Testing

@testable import Reporting

@Suite struct ComparisonTests {
  private func entry(_ label: String, _ change: (inout SampleResults) -> Void = { _ in })
    -> ComparisonReport.Entry
  {
    .init(label: label, results: SampleResults.make(change))
  }

  @Test func comparesArmsOfOneRun() throws {
    let report = try ComparisonReport([entry("a") { $0.federated = ["fedavg", "fedprox"] }])
    #expect(report.lines.map(\.label) == ["local", "pooled", "fedavg", "fedprox"])
    #expect(report.reference?.label == "fedavg")
    #expect(report.difference(of: report.lines[2]) == nil)
    let difference = try #require(report.difference(of: report.lines[3]))
    let means = report.lines[2...3].compactMap { $0.matrix.mean(ofArm: $0.arm.name)?.value }
    #expect(abs(difference.value - (means[1] - means[0])) < 1e-12)
    #expect(difference.low != nil)
    #expect(report.cautions.isEmpty)
  }

  @Test func armHasTheSameTitleAndStyleInAllRuns() throws {
    let report = try ComparisonReport([entry("a"), entry("b")])
    #expect(
      report.lines.map(\.title) == [
        "a: Local", "a: Pooled", "a: FedAvg", "b: Local", "b: Pooled", "b: FedAvg",
      ])
    let page = try PageInspector(report.html)
    let federated = Palette.style(ofArm: "fedavg", kind: .federated).colour
    let colours = (page.attributes["stroke"] ?? []).filter { $0.hasPrefix("#") }
    // Each of the three arms has one colour, in both runs.
    #expect(Set(colours).count == 3 && colours.contains(federated))
  }

  @Test func statesDifferencesOnlyForTheSamePatients() throws {
    var other = entry("b")
    other.results.environment.seed = 8
    let report = try ComparisonReport([entry("a"), other])
    #expect(report.lines[3...].allSatisfy { report.difference(of: $0) == nil })
    #expect(report.lines[..<2].allSatisfy { report.difference(of: $0) != nil })
    #expect(report.cautions == ["The runs differ in seed or split, so their test patients are not the same."])
    let fewer = try ComparisonReport([entry("a"), entry("c") { $0.sites = ["DU"] }])
    #expect(
      fewer.cautions == ["The runs have different sites, so their means are not over the same patients."])
  }

  @Test func cautionNamesPartialRuns() throws {
    let report = try ComparisonReport([
      entry("a"), .init(label: "b", results: ReportPageTests.Case.partial.results),
    ])
    #expect(report.cautions.contains("Run 'b' is partial: it lacks Cedars-Sinai Medical Center (CS)."))
  }

  @Test func rejectsRunsThatCannotBeCompared() {
    #expect { try ComparisonReport([]) } throws: { ($0 as? ConsiliumError)?.code == .invalidInput }
    #expect { try ComparisonReport([entry("a"), entry("b") { $0.isClassification = true }]) } throws: {
      "\($0)".contains("run 'b' has no results for 'dice', only for auc, balanced-accuracy, calibration")
    }
  }

  @Test("The comparison page is well-formed and its table fits", arguments: ReportPageTests.Case.allCases)
  func pages(of kind: ReportPageTests.Case) throws {
    let results = kind.results
    guard let metric = results.study.metrics.first else { return }
    let report = try ComparisonReport([
      .init(label: "one", results: results), .init(label: "two", results: results),
    ])
    let page = try PageInspector(report.html)
    #expect(page.text.contains(MetricStyle(metric).title))
    #expect(page.strays.isEmpty)
    for line in report.text().split(separator: "\n") where line.contains("  ") { #expect(line.count <= 100) }
  }
}
