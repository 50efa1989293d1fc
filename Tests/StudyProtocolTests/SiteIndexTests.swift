import FederatedCore
import Foundation
import StudyProtocol
import Testing

@Suite struct SiteIndexTests {
  private let study: Study

  init() throws {
    var yaml = heartSketch.replacing(
      "elements:",
      with: """
        elements:
          - {name: patient, kind: identifier, role: group}
          - {name: weight, kind: number, unit: kg, required: false}
        """)
    yaml = yaml.replacing("batch-size: 4", with: "batch-size: 4, local-epochs: 1")
    study = try Study(yaml: yaml)
  }

  private func site(_ more: String = "") throws -> SiteDefinition {
    let file = try SiteFile(
      yaml: """
        table: {file: t.csv, missing: ["?"]}
        elements: {patient: id, sex: {column: gender, values: {F: 0, M: 1}, missing: [U]}, weight: {column: pounds, scale: 0.5, offset: 1}}
        sites: [{name: A}]
        \(more)
        """, study: study)
    return try file.sites(for: study, dataRoot: URL(filePath: "/"))[0]
  }

  private func index(_ csv: String, _ more: String = "") throws -> SiteIndex {
    let folder = try TestFolder(["t.csv": csv])
    return try SiteIndex(reading: try site(more), for: study, dataRoot: folder.url)
  }

  private let header = "id,age,gender,pounds,disease\n"

  @Test func mapsColumnsCodesAndUnits() throws {
    let index = try index(header + "p1,50,F,100,0\np2,51.5,M,,1\np3,52,0,?,1.0\n")
    #expect(index.dataFindings == [])
    #expect(index.isUsable)
    #expect(index.records.map(\.group) == ["p1", "p2", "p3"])
    #expect(index.records.map(\.place) == ["t.csv:2", "t.csv:3", "t.csv:4"])
    #expect(
      index.records[0].values == [
        "patient": .identifier("p1"), "weight": .number(51), "age": .number(50), "sex": .category(0),
        "disease": .category(0),
      ])
    #expect(index.records[1]["weight"] == .missing)
    #expect(index.records[2]["sex"] == .category(0))
    #expect(index.records[2]["disease"] == .category(1))
  }

  /// A row in which one value breaks a rule.
  @Test(arguments: [
    ("p9,,F,,1", ElementFinding.Rule.required, "age"), ("p9,?,F,,1", .required, "age"),
    ("p9,40,U,,1", .required, "sex"),
    ("p9,nan,F,,1", .number, "age"), ("p9,inf,F,,1", .number, "age"), ("p9,forty,F,,1", .number, "age"),
    ("p9,\"4,5\",F,,1", .number, "age"), ("p9,0x10,F,,1", .number, "age"),
    ("p9,130,F,,1", .range, "age"), ("p9,-1,F,,1", .range, "age"), ("p9,40,woman,,1", .code, "sex"),
    ("p9,40,F,,2", .code, "disease"),
  ])
  func rules(row: String, rule: ElementFinding.Rule, element: String) throws {
    let index = try index(header + "p1,50,F,100,0\np2,51,M,,1\n\(row)\np4,52,M,,1\n\(row)\n")
    #expect(index.dataFindings.count == 1)
    let finding = try #require(index.dataFindings.first)
    #expect(finding.severity == .error)
    #expect((finding.rule, finding.element, finding.records) == (rule, element, 2))
    #expect(finding.places == ["t.csv:4", "t.csv:6"])
    #expect(!index.isUsable)
    #expect(index.records.count == 3)
    for value in ["nan", "inf", "forty", "4,5", "0x10", "130", "-1", "woman", "p9"] where row.contains(value)
    {
      #expect(!finding.message.contains(value))
    }
  }

  @Test func incompleteRecordsCanBeLeftOut() throws {
    let csv = header + "p1,50,F,100,0\np2,51,M,,1\np3,,M,,1\np4,40,M,,0\n"
    #expect(try !index(csv).isUsable)
    let index = try index(csv, "exclude-incomplete: true")
    #expect(index.isUsable)
    #expect(index.records.map(\.group) == ["p1", "p2", "p4"])
    #expect(index.dataFindings.map(\.severity) == [.warning])
    #expect(index.dataFindings.map(\.records) == [1])
  }

  @Test func findingsNameAtMostFivePlaces() throws {
    let index = try index(header + (1...9).map { "p\($0),200,F,,1\n" }.joined())
    #expect(index.dataFindings[0].records == 9)
    #expect(index.dataFindings[0].places.count == 5)
  }

  @Test(arguments: [
    ("", ElementFinding.Rule.empty, ElementFinding.Severity.error),
    ("p1,50,F,,0\n", .fewGroups, .error),
    ("p1,50,F,,0\np1,51,F,,1\n", .fewGroups, .error),
    ("p1,50,F,,0\np2,51,F,,1\n", .fewGroups, .warning),
    ("p1,50,F,,1\np2,51,F,,1\np3,50,M,,1\n", .oneClass, .warning),
  ])
  func wholeSite(rows: String, rule: ElementFinding.Rule, severity: ElementFinding.Severity) throws {
    let finding = try #require(try index(header + rows).dataFindings.first)
    #expect((finding.rule, finding.severity) == (rule, severity))
  }

  @Test func filtersThatLeaveNoRowsAreAnError() throws {
    let index = try index(header + "p1,50,F,,1\np2,51,F,,1\n", "where: {gender: M}")
    #expect(index.dataFindings.map(\.rule) == [.empty])
  }

  @Test func elementsWithoutAColumnAreNotMapped() throws {
    let index = try index("id,gender,pounds,disease\np1,F,,0\np2,M,,1\np3,M,,1\n")
    #expect(
      index.dataFindings.first.map { ($0.rule, $0.element, $0.records) } ?? (.empty, nil, 0) == (
        .mapping, "age", 3
      ))
  }

  @Test func missingMappedColumnIsAnError() throws {
    #expect(throws: ConsiliumError.self) { try index("id,age,gender,disease\np1,1,F,0\n") }
  }

  @Test(arguments: [("t2.csv", "."), ("t.csv", "elsewhere")])
  func missingFoldersAndTablesAreErrors(table: String, data: String) throws {
    let folder = try TestFolder(["t.csv": header])
    let site = SiteDefinition(
      name: SiteID("A"), data: data, table: .init(source: .csv(file: table, columns: nil, delimiter: nil)))
    #expect(throws: ConsiliumError.self) { try SiteIndex(reading: site, for: study, dataRoot: folder.url) }
  }

  @Test func derivedColumnsAndFilters() throws {
    let folder = try TestFolder([
      "t.csv": header + "AX1,50,F,,0\nAY2,51,F,,1\nBX3,52,M,,0\nBX4,52,M,,1\nBX5,52,M,,1\n",
      "regions.csv": "code,region\nX,north\nY,south\n",
    ])
    var site = try site()
    site.table.derive = [
      .init(name: "letter", from: "id", characters: 2...2),
      .init(name: "region", from: "letter", lookup: .init(file: "regions.csv", key: "code", value: "region")),
    ]
    site.rows = ["region": ["north"]]
    let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url)
    #expect(index.records.map(\.group) == ["AX1", "BX3", "BX4", "BX5"])
  }

  @Test func partitionAssignsEveryPatientOnce() throws {
    let folder = try TestFolder(["t.csv": header + (0..<60).map { "p\($0 / 2),50,F,,\($0 % 2)\n" }.joined()])
    let groups = try (0..<3).map { number in
      var site = try site()
      site.share = .init(index: number, partition: .init(method: .iid, count: 3, seed: 2))
      let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url)
      #expect(index.records.count == 20)
      return Set(index.records.map(\.group))
    }
    #expect(groups.map(\.count) == [10, 10, 10])
    #expect(groups.reduce(into: Set()) { $0.formUnion($1) }.count == 30)
  }
}
