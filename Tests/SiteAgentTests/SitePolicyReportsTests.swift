import FederatedCore
import StudyProtocol
import Testing

@testable import SiteAgent

struct SitePolicyReportsTests {
  private func finding(_ records: Int) -> DataFinding {
    DataFinding(
      severity: .error, site: SiteID("HT"), element: "age", records: records, message: "is above 120",
      places: ["patients.csv:14"])
  }

  @Test func smallNumbersAndPlacesAreWithheld() {
    let data = SessionDescription(
      parts: [
        .init(part: .training, patients: 30, examples: 30),
        .init(part: .validation, patients: 9, examples: 9),
        .init(part: .test, patients: 0, examples: 0),
      ], findings: [finding(0), finding(1), finding(9), finding(10)], precision: "fp32",
      memoryFormat: "contiguous")
    let released = SitePolicy().filter(data)
    // A count of zero describes no patient.
    #expect(released.parts.map(\.part) == [.training, .test])
    #expect(released.findings.map(\.records) == [0, nil, nil, 10])
    #expect(released.findings.allSatisfy { $0.places.isEmpty && $0.message == "is above 120" })
    #expect(released.precision == data.precision && released.memoryFormat == data.memoryFormat)
  }

  /// Ten records may belong to one patient.
  @Test func recordCountIsWithheldIfPatientsHaveSeveral() {
    var data = SessionDescription(
      parts: [.init(part: .training, patients: 10, examples: 90)], findings: [finding(0), finding(60)],
      precision: "fp32", memoryFormat: "contiguous")
    #expect(SitePolicy().filter(data).findings.map(\.records) == [0, nil])
    data.findings[1].message = "2 identifiers differ"
    #expect(SitePolicy().filter(data).findings[1].message == "some identifiers differ")
  }

  @Test func valuesAndFactsAreWithheld() {
    var found = finding(10)
    found.values = ["131"]
    var data = SessionDescription(
      parts: [], findings: [found], precision: "fp32", memoryFormat: "contiguous")
    data.facts = SiteFacts(rows: 10, used: 10, exampleShape: [1], elements: [])
    let released = SitePolicy().filter(data)
    #expect(released.facts == nil && released.findings.allSatisfy { $0.values == nil })
  }

  @Test func patientsAreCountedInEachSet() {
    let parts: [SessionDescription.Part] = [
      .init(part: .training, patients: 7, examples: 9), .init(part: .test, patients: 2, examples: 4),
    ]
    #expect(parts.patients == [.training: 7, .test: 2])
  }
}
