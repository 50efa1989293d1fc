import FederatedCore
import Foundation
import Testing

@testable import Reporting

@Suite struct ReportFilesTests {
  @Test("JSON contains everything", arguments: ReportPageTests.Case.allCases.filter { $0 != .notFinite })
  func roundTrip(of kind: ReportPageTests.Case) throws {
    let results = kind.results
    #expect(try Report(json: try Report(results).json).results == results.withoutReplicates())
  }

  /// The resamples follow from the study's seed, so replicates of a mean can be solved for each patient.
  @Test(arguments: ReportPageTests.Case.allCases)
  func jsonHasNoReplicatesAndPrintsTheSame(of kind: ReportPageTests.Case) throws {
    let results = kind.results
    let report = Report(results)
    let read = try Report(json: try report.json)
    let tests = read.results.arms.flatMap(\.models).flatMap {
      $0.test.map(\.evaluation) + [$0.together].compactMap(\.self)
    }
    #expect(!tests.flatMap(\.metrics).contains { !$0.replicates.isEmpty })
    #expect(read.html == report.html)
    #expect(read.gainsTable == report.gainsTable && read.matrixTable == report.matrixTable)
    for metric in results.study.metrics {
      let text = ResultsText.render(results, metric: metric, width: 100)
      #expect(ResultsText.render(read.results, metric: metric, width: 100) == text)
    }
    #expect(read.figures.map(\.svg) == report.figures.map(\.svg))
    // Writing it again loses nothing.
    if kind != .notFinite { #expect(try Report(json: try read.json).results == read.results) }
  }

  @Test func comparisonOfArmsNeedsNoReplicates() throws {
    let results = SampleResults.make { $0.federated = ["fedavg", "fedprox"] }
    let read = try Report(json: try Report(results).json).results
    let before = try ComparisonReport([.init(label: "a", results: results)])
    let after = try ComparisonReport([.init(label: "a", results: read)])
    #expect(after.text() == before.text() && after.html == before.html)
    #expect(after.difference(of: after.lines[3])?.low != nil)
  }

  /// Earlier versions wrote the replicates.
  @Test func readsReportsWithReplicates() throws {
    struct Earlier: Encodable {
      var format = 1
      var results: StudyResults
      var summaries: [String] = []
    }
    let results = SampleResults.make { $0.rounds = 2 }
    let read = try Report(json: try JSONEncoder().encode(Earlier(results: results)))
    #expect(read.results == results && read.results.derived == nil)
    #expect(read.html == Report(results).html)
  }

  /// Only the single results that the page shows are in the file.
  @Test func jsonHasOnlyTheCasesOfThePage() throws {
    var results = SampleResults.make { $0.rounds = 1 }
    results.setting = .simulation
    results.updateTests { _, evaluation in
      evaluation.details = EvaluationDetails(
        cases: (1...20).map { CaseResult(number: $0, value: Double($0) / 20) })
    }
    let read = try Report(json: try Report(results).json)
    let kept = read.results.arms[2].models[0].test.flatMap { $0.evaluation.details?.cases ?? [] }
    #expect(kept.count == 8)
    #expect(read.html == Report(results).html)
  }

  @Test func writesNumbersThatAreNotFinite() throws {
    let back = try Report(json: try Report(ReportPageTests.Case.notFinite.results).json)
    #expect(back.results.arms[0].seconds.isNaN)
  }

  @Test(arguments: ["", "[]", "{\"format\":1}", "not JSON"])
  func rejectsOtherFiles(text: String) {
    #expect { try Report(json: Data(text.utf8)) } throws: { ($0 as? ConsiliumError)?.code == .invalidInput }
  }

  @Test func rejectsOtherFormats() throws {
    let json = String(decoding: try Report(SampleResults.make { $0.rounds = 1 }).json, as: UTF8.self)
    let other = json.replacing("\"format\":1,", with: "\"format\":99,")
    #expect { try Report(json: Data(other.utf8)) } throws: {
      String(describing: $0).contains("format 99; expected 1")
    }
  }

  @Test func writesTheRunsFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = try Report(SampleResults.make { $0.rounds = 2 }).write(to: folder)
    #expect(page.lastPathComponent == "report.html")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "figures", "gains.csv", "matrix.csv", "report.html", "report.json", "rounds.csv",
      ])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/figures").sorted() == [
        "gains.svg", "matrix.svg", "sites-1.svg",
      ])
  }

  @Test func namesTheFileThatCannotBeWritten() throws {
    let folder = URL(fileURLWithPath: "/dev/null/run")
    #expect { try Report(SampleResults.make { $0.rounds = 1 }).write(to: folder) } throws: { error in
      (error as? ConsiliumError)?.code == .storage && "\(error)".contains("cannot write /dev/null/run")
    }
  }

  @Test func matrixTableHasEveryModelOnEverySite() {
    let results = SampleResults.make { $0.rounds = 1 }
    let lines = Report(results).matrixTable.split(separator: "\n").map { $0.split(separator: ",") }
    // Six models at four sites, with two metrics.
    #expect(lines.count == 1 + 6 * 4 * 2)
    #expect(lines.allSatisfy { $0.count == 9 })
    #expect(
      lines.filter { $0[0] == "local" && $0[1] == "DU" && $0[3] == "dice" }.map { $0[2] } == [
        "DU", "HT", "CS", "FG",
      ])
    let value = results.arms[2].models[0].test[1].evaluation["dice"]?.value
    #expect(
      lines.first { $0[0] == "fedavg" && $0[2] == "HT" && $0[3] == "dice" }.flatMap { Double($0[4]) } == value
    )
  }

  @Test func gainsTableHasDifferencesWithTheirIntervals() throws {
    let results = SampleResults.make { $0.rounds = 1 }
    let lines = Report(results).gainsTable.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines[0] == ["arm", "metric", "gain", "value", "low", "high"])
    let gain = try #require(ResultMatrix(results, metric: "dice").gainOverLocal(of: "fedavg"))
    let line = try #require(lines.first { $0[0] == "fedavg" && $0[1] == "dice" && $0[2] == "over-local" })
    #expect(line[3...].map { Double($0) } == [gain.value, gain.low, gain.high])
    #expect(!lines.contains { $0[0] == "local" })
  }

  @Test func roundsTableHasTrainingAndValidation() {
    let results = SampleResults.make { $0.rounds = 2 }
    let lines = Report(results).roundsTable.split(separator: "\n")
    #expect(lines[0] == "arm,round,site,part,quantity,value")
    #expect(lines.count { $0.hasPrefix("fedavg,2,DU,validation,dice,") } == 1)
    // Pooled training has no site.
    #expect(lines.count { $0.hasPrefix("pooled,1,,training,loss,") } == 1)
  }

  @Test("Figures are self-contained files", arguments: ReportPageTests.Case.allCases)
  func figures(of kind: ReportPageTests.Case) throws {
    for figure in Report(kind.results).figures {
      let inspected = try PageInspector(figure.svg)
      #expect(inspected.elements["svg"] == 1 && inspected.elements["style"] == 1)
      #expect(inspected.strays.isEmpty && inspected.attributes["href"] == nil)
    }
  }

  @Test func quotesFieldsThatNeedIt() {
    var table = CSVTable(["a"])
    table.append(["x,y", "say \"hi\"", "two\nlines", "plain"])
    #expect(table.text == "a\n\"x,y\",\"say \"\"hi\"\"\",two lines,plain\n")
  }
}
