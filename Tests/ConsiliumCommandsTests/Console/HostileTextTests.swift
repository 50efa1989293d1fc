import CoordinatorDashboard
import Credentials
import FederatedCore
import Foundation
import JSONLogging
import Logging
import Reporting
import StudyProtocol
import Synchronization
import TestSupport
import Testing
import WorkerProtocol

@testable import ConsiliumCommands
@testable import CoordinatorService

/// One hostile text in every place that others may fill, and every output in which it may appear.
@Suite struct HostileTextTests {
  static let hostile =
    "ok\nWHAT LEAVES A SITE\r\n\nerror: WHAT LEAVES\u{85}WHAT LEAVES\u{2028}WHAT LEAVES\u{1B}[2J\u{1B}]0;x\u{7}\u{202E}gnp\u{2066}\u{200B}\u{FEFF}"

  /// Whether the text shows the attacker's words, but not at the beginning of a line, and without hidden
  /// characters.
  private func isHarmless(_ text: String) -> Bool {
    text.contains("WHAT LEAVES") && !text.unicodeScalars.contains { $0.isHidden && $0 != "\n" }
      && !text.split(separator: "\n").contains { $0.hasPrefix("WHAT LEAVES") || $0.hasPrefix("error: WHAT") }
  }

  private var finding: DataFinding {
    DataFinding(
      severity: .error, site: SiteID(Self.hostile), element: Self.hostile, records: 2, message: Self.hostile,
      places: [Self.hostile], values: [Self.hostile])
  }

  @Test func dataCheck() {
    var element = SiteFacts.Element(name: Self.hostile, kind: "category", records: 3)
    element.classes = [.init(Self.hostile, records: 3)]
    var session = SessionDescription(
      parts: [], findings: [finding], precision: "fp32", memoryFormat: "contiguous")
    session.facts = SiteFacts(rows: 3, used: 3, exampleShape: [1], elements: [element])
    let check = SiteCheckOutput(site: SiteID(Self.hostile), session)
    #expect(isHarmless(check.text))
    #expect(isHarmless(JSONLine.encode(check)))
    #expect(isHarmless(finding.description))
    var other = finding
    other.site = SiteID("other")
    #expect(FindingsBySite([finding, other]).lines.allSatisfy(isHarmless))
  }

  @Test func errors() throws {
    let report = ErrorReport(ConsiliumError(.unavailable, Self.hostile))
    #expect(report.lines.allSatisfy(isHarmless))
    #expect(report.jsonLines.allSatisfy(isHarmless))
    let diagnostics = StudyDiagnostics([
      .init(file: Self.hostile, line: 1, path: Self.hostile, message: Self.hostile)
    ])
    #expect(ErrorReport(diagnostics).lines.allSatisfy(isHarmless))
    #expect(isHarmless(PolicyObjection("release", .refuses, Self.hostile).description))
  }

  @Test func logs() {
    let written = Collected()
    var text = Logger(label: "x") { _ in TextLogHandler { written.append($0 + "\n") } }
    text[metadataKey: "site"] = .string(Self.hostile)
    text.warning("\(Self.hostile)")
    #expect(isHarmless(written.text))
    let lines = Collected()
    var json = Logger(label: "x") { JSONLogHandler(label: $0, write: lines.append) }
    json[metadataKey: "site"] = .string(Self.hostile)
    json.warning("\(Self.hostile)")
    #expect(isHarmless(lines.text))
    #expect(lines.text.split(separator: "\n").count == 1)
  }

  @Test func consoleOfAnyCommand() async {
    let written = Collected()
    let console = Console(write: written.append, writeError: written.append)
    console.print(Self.hostile.onOneLine)
    console.printError("a\u{202E}b")
    #expect(isHarmless(written.text))
    #expect(written.text.hasSuffix("a\u{FFFD}b\n"))
  }

  @Test func tables() {
    #expect(isHarmless(AlignedTable.align([["site", "element"], [Self.hostile, Self.hostile]])))
  }

  /// The study's page of `study status`, from a coordinator that lies.
  @Test func statusOfACoordinator() {
    let study = StudyStatus(
      id: Self.hostile, name: Self.hostile, version: 1, title: Self.hostile, digest: "",
      lead: Party(role: .lead, name: Self.hostile), state: .paused, reason: Self.hostile,
      decisions: [
        .init(site: SiteID(Self.hostile), isRequired: true, verdict: Self.hostile, reason: Self.hostile)
      ], readiness: [], forecast: [], arms: [.init(name: Self.hostile, round: 1, rounds: 2)])
    let status = CoordinatorStatus(
      consortium: Self.hostile, version: Self.hostile, studies: [study],
      sites: [
        SiteStatus(
          site: SiteID(Self.hostile), isConnected: true, programVersion: Self.hostile, clockSkew: 0,
          isRevoked: false)
      ])
    #expect(isHarmless(status.text))
  }

  /// The report of a run: terminal, page, tables and JSON.
  @Test func results() async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      var results = try Report(run: folder.path).results
      results.study.title = Self.hostile
      results.study.explanation = "“\(Self.hostile.onOneLine)”"
      results.study.classNames = [Self.hostile, Self.hostile]
      results.sites[0].title = Self.hostile
      results.arms[0].summary = Self.hostile
      results.findings = [
        ReportedFinding(
          severity: .error, site: SiteID("first"), element: Self.hostile, records: 1, message: Self.hostile)
      ]
      results.dropped = [DroppedRecord(site: SiteID(Self.hostile), reason: Self.hostile)]
      results.status = .partial(missing: [SiteID(Self.hostile)], reason: Self.hostile)
      results.cautions = [Caution(.unlikeSites, sites: [], message: Self.hostile)]
      try Report(results).write(to: folder)
      #expect(isHarmless(ResultsText.render(results)))
      for name in ["report.json", "report.html"] {
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        #expect(!text.unicodeScalars.contains { $0.isHidden && $0 != "\n" && $0 != "\t" }, "\(name)")
      }
      #expect(try Report(run: folder.path).results == results)
      let printed = await consilium("report", folder.path)
      #expect(isHarmless(printed.out))
    }
  }

  @Test func tablesForSpreadsheets() async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      var results = try Report(run: folder.path).results
      results.arms[0].name = "=cmd|' /C calc'!A0\n\u{202E}"
      let table = Report(results).matrixTable
      #expect(table.contains("\n'=cmd|' /C calc'!A0"))
      #expect(!table.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
      #expect(!table.contains("'0.") && !table.contains("'-"))
    }
  }
}
