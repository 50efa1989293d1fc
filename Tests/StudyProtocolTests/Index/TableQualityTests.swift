import FederatedCore
import Foundation
import StudyProtocol
import Testing

@Suite struct TableQualityTests {
  private let study = try? Study(
    yaml: """
      study: {name: heart, task: classification}
      elements:
        - {name: patient, kind: identifier, role: group}
        - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
        - {name: pressure, kind: number, role: input, unit: "mm[Hg]", required: false}
        - {name: pain, kind: category, role: input, values: {0: none, 1: some, 2: much}}
        - {name: sex, kind: category, role: input, values: {0: female, 1: male}}
        - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
      model: {architecture: linear}
      training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 4, local-epochs: 1}
      federation: {workflow: fedavg, rounds: 5}
      evaluation: {metrics: [auc], split: {by: patient, test: 0.2}}
      preprocessing: [{impute: {method: median}}]

      """)

  /// Twelve patients without problems: patient, age, pressure, pain, sex and disease.
  private static let rows = [
    "p1,34,120,0,0,0", "p2,41,135,1,1,1", "p3,45,128,2,0,1", "p4,47,,0,1,0", "p5,52,142,1,1,1",
    "p6,52,118,0,0,0", "p7,58,150,2,0,0", "p8,60,155,1,1,1", "p9,63,131,0,0,0", "p10,66,147,1,0,1",
    "p11,71,160,2,1,1", "p12,79,139,1,1,0",
  ]

  /// The warnings for a table, except warnings about the split.
  private func findings(
    _ rows: [String], pressure: String = "pressure"
  ) throws -> [ElementFinding] {
    let study = try #require(study)
    let folder = try TestFolder([
      "t.csv": "patient,age,pressure,pain,sex,disease\n" + rows.joined(separator: "\n") + "\n"
    ])
    let file = try SiteFile(
      yaml: "{table: {file: t.csv}, sites: [{name: A}], elements: {pressure: \(pressure)}}", study: study)
    let site = try file.sites(for: study, dataRoot: folder.url)[0]
    return try SiteIndex(reading: site, for: study, dataRoot: folder.url).dataFindings
  }

  /// The rows with one field changed.
  private func rows(_ column: Int, _ change: (Int, [String]) -> String) -> [String] {
    Self.rows.enumerated().map { index, row in
      var fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      fields[column] = change(index, fields)
      return fields.joined(separator: ",")
    }
  }

  @Test func tableWithoutProblemsHasNoWarning() throws { #expect(try findings(Self.rows) == []) }

  @Test(arguments: [(1, "60", "age"), (3, "2", "pain")])
  func constantColumnIsNamed(column: Int, value: String, element: String) throws {
    let found = try findings(rows(column) { _, _ in value })
    #expect(found.map(\.rule) == [.constant] && found.map(\.severity) == [.warning])
    #expect(found.first?.element == element && found.first?.records == 12 && found.first?.values == [value])
    #expect(found.first?.message.contains(value) == false)
  }

  /// A site may have patients of only one sex, or lack a rare finding, without causing a warning.
  @Test func constantYesOrNoColumnIsNotAFinding() throws {
    #expect(try findings(rows(4) { _, _ in "0" }) == [])
    #expect(try findings(Array(rows(1) { _, _ in "60" }.suffix(9))) == [])
  }

  @Test func copyOfTheTargetIsNamed() throws {
    for copy in [rows(4) { _, row in row[5] }, rows(4) { _, row in row[5] == "0" ? "1" : "0" }] {
      let found = try findings(copy)
      #expect(found.map(\.rule) == [.leak] && found.first?.element == "sex" && found.first?.records == 12)
      #expect(found.first?.message.hasPrefix("'disease', which the study predicts,") == true)
    }
  }

  @Test(arguments: ["999", "-1", "-99"]) func codesOfMissingNumbersAreNamed(code: String) throws {
    let found = try findings(rows(2) { index, row in [2, 3].contains(index) ? code : row[2] })
    #expect(found.map(\.rule) == [.sentinel] && found.first?.element == "pressure")
    #expect(found.first?.records == 2 && found.first?.places == ["t.csv:4", "t.csv:5"])
    #expect(found.first?.values == [code] && found.first?.message.contains("`missing`") == true)
  }

  /// The site's own number is compared and shown, not the number converted to the study's unit.
  @Test func codesAreFoundBeforeTheUnitIsConverted() throws {
    let scaled = rows(2) { index, row in index == 4 ? "999" : row[2] }
    let found = try findings(scaled, pressure: "{column: pressure, scale: 0.1333}")
    #expect(found.map(\.rule) == [.sentinel] && found.first?.values == ["999"])
    #expect(try findings(scaled, pressure: "{column: pressure, missing: [999]}") == [])
  }

  @Test func repeatedRowsOfOnePatientAreCounted() throws {
    let found = try findings(Self.rows + ["p3,45,128,2,0,1", "p4,47,,0,1,0"])
    #expect(found.map(\.rule) == [.duplicate] && found.map(\.severity) == [.warning])
    #expect(found.first?.records == 4 && found.first?.message.contains("counts several times") == true)
    #expect(found.first?.places == ["t.csv:4", "t.csv:14", "t.csv:5", "t.csv:15"])
  }

  @Test func rowsOfOnePatientThatContradictAreCounted() throws {
    let found = try findings(Self.rows + ["p3,45,128,2,0,0"])
    #expect(found.map(\.rule) == [.duplicate] && found.first?.records == 2)
    #expect(found.first?.message.contains("differ in what is predicted") == true)
    // Another patient, or a later visit, is not a repeated row.
    #expect(try findings(Self.rows + ["p13,45,128,2,0,0", "p3,46,128,2,0,0"]) == [])
  }
}
