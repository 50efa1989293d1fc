import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct DataCommandTests {
  private let site = SiteID("DU")

  private func session(_ findings: [DataFinding]) -> SessionDescription {
    SessionDescription(
      parts: [
        .init(part: .training, patients: 30, examples: 400),
        .init(part: .validation, patients: 4, examples: 50),
        .init(part: .test, patients: 8, examples: 110),
      ], findings: findings, precision: "fp32", memoryFormat: "contiguous")
  }

  private func finding(_ severity: DataFinding.Severity) -> DataFinding {
    DataFinding(
      severity: severity, site: site, element: "age", records: 2,
      message: "lies outside 0 to 120 year", places: ["patients.csv:14", "patients.csv:20"])
  }

  @Test func errorFailsASiteAndWarningDoesNot() {
    #expect(SiteCheckOutput(site: site, session([])).isPassed)
    #expect(SiteCheckOutput(site: site, session([finding(.warning)])).isPassed)
    #expect(!SiteCheckOutput(site: site, session([finding(.warning), finding(.error)])).isPassed)
  }

  @Test func findingsNameElementAndPlaceWithoutValues() {
    #expect(
      SiteCheckOutput(site: site, session([finding(.error)])).text == """
        site DU: FAILED; patients in training 30 (400 examples), validation 4 (50 examples), test 8 (110 examples)
          error: site DU: element 'age', 2 records: lies outside 0 to 120 year (patients.csv:14, patients.csv:20)
        """)
  }

  @Test func siteWithoutUsableRecordsIsReported() {
    var session = session([finding(.error)])
    session.parts = []
    #expect(SiteCheckOutput(site: site, session).text.hasPrefix("site DU: FAILED; no record is usable\n"))
  }

  @Test func indexIsATable() {
    #expect(
      DataIndex.table(of: [SiteCheckOutput(site: site, session([finding(.warning)]))]) == """
        site (patients)  training  validation  test     findings
        DU               30 (400)  4 (50)      8 (110)  1
        """)
  }

  @Test func printsDescriptionAsLines() throws {
    #expect(
      try DataInspect.text(of: #"{"format":"NIfTI-1","spacing":[1,1.5],"range":{"low":0,"high":9}}"#) == """
        format   NIfTI-1
        range    high 9, low 0
        spacing  [1, 1.5]
        """)
  }

  @Test func missingFileIsInvalidInput() async {
    let printed = await consilium("data", "inspect", "nowhere.dcm")
    #expect(printed.status == 2)
    #expect(printed.err == "error: there is no file 'nowhere.dcm'\n")
  }

  @Test func writesAPhantomAndRefusesAnotherFolder() async throws {
    try await withTemporaryFolder { folder in
      try Data().write(to: folder.appending(path: "thesis.txt"))
      let printed = await consilium("data", "phantom", "--out", folder.path)
      #expect(printed.status != 0)
      #expect(printed.err.contains("thesis.txt"))
    }
  }
}
