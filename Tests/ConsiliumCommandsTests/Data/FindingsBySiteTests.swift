import FederatedCore
import Testing

@testable import ConsiliumCommands

struct FindingsBySiteTests {
  private func finding(
    _ site: String, _ message: String = "lies outside 0 to 120 year", records: Int? = 2,
    places: [String] = [],
    values: [String]? = nil
  ) -> DataFinding {
    DataFinding(
      severity: .warning, site: SiteID(site), element: "age", records: records, message: message,
      places: places, values: values)
  }

  @Test func combinesEqualFindingsOfSeveralSites() {
    let lines = FindingsBySite([
      finding("north", records: 3, places: ["n.csv:14", "n.csv:20"]),
      finding("north", "is missing", records: 1),
      finding("south", records: nil), finding("west", records: 1, places: ["w.csv:2"], values: ["130"]),
    ]).lines
    #expect(
      lines == [
        "warning: at 3 sites (north, south, west): element 'age': lies outside 0 to 120 year "
          + "[north: 3 records (n.csv:14, n.csv:20); south: a few records; west: 1 record; found: '130' (w.csv:2)]",
        "warning: site north: element 'age', 1 record: is missing",
      ])
  }

  @Test func doesNotCombineDifferentFindings() {
    var error = finding("south")
    error.severity = .error
    var other = finding("west")
    other.element = "weight"
    let findings = [finding("north"), error, other]
    #expect(FindingsBySite(findings).lines == findings.map(NewsLine.line))
    #expect(FindingsBySite([]).lines == [])
  }

  /// Lines of a single site belong to its own check.
  @Test func doesNotCombineFindingsOfOneSite() {
    let findings = [finding("north", records: 1), finding("north", records: 2)]
    #expect(FindingsBySite(findings).lines.joined(separator: "\n").split(separator: "\n").count == 2)
  }

  @Test func findingWithoutRecordsNamesOnlyTheSites() {
    let lines = FindingsBySite([finding("a", records: 0), finding("b", records: 0)]).lines
    #expect(lines == ["warning: at 2 sites (a, b): element 'age': lies outside 0 to 120 year"])
  }
}
