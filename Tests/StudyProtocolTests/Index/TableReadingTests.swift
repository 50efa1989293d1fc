import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

/// Tables as hospitals have them, read according to the site file.
@Suite struct TableReadingTests {
  private func study() throws -> Study {
    try Study(
      yaml: heartSketch.replacing(
        "elements:",
        with: """
          elements:
            - {name: patient, kind: identifier, role: group}
            - {name: crp, kind: number, unit: mg/L, required: false}
            - {name: follow-up, kind: number, unit: d, required: false}
          """))
  }

  private func index(_ csv: String, _ site: String = "", files: [String: String] = [:]) throws
    -> SiteIndex
  {
    let study = try study()
    let folder = try TestFolder(files.merging(["t.csv": csv]) { $1 })
    let table = site.contains("table:") ? "" : "table: {file: t.csv}\n"
    let file = try SiteFile(yaml: "\(table)\(site)\nsites: [{name: A}]", study: study)
    return try SiteIndex(
      reading: try file.sites(for: study, dataRoot: folder.url)[0], for: study, dataRoot: folder.url
    )
  }

  private func values(_ index: SiteIndex, _ element: String) -> [Double?] {
    index.records.map { if case .number(let number) = $0[element] { number } else { nil } }
  }

  /// The problems of single cells.
  private func cellFindings(_ index: SiteIndex) -> [ElementFinding] {
    index.findings.filter { [.number, .range, .code].contains($0.rule) }
  }

  private let head = "patient,age,sex,disease"

  private func rows(_ ids: [String]) -> String {
    ([head] + ids.enumerated().map { "\($0.element),50,0,\($0.offset % 2)" }).joined(
      separator: "\n")
  }

  // MARK: identifiers

  @Test func invisibleBlanksDoNotSplitAPatient() throws {
    let index = try index(rows(["P1", "P1\u{A0}", "P2", "P2\u{200B}", "P3", "\" P3\""]))
    #expect(Set(index.records.map(\.group)) == ["P1", "P2", "P3"])
    let finding = try #require(index.findings.first { $0.rule == .table })
    #expect((finding.severity, finding.element, finding.records) == (.warning, "patient", 3))
    #expect(finding.places == ["t.csv:3", "t.csv:5", "t.csv:7"])
  }

  @Test(arguments: [
    (
      ["AB1", "ab1", "AB2", "ab2", "C"],
      "4 identifiers differ from another one only in upper and lower case", 4
    ),
    (["1", "001", "2", "3"], "2 identifiers differ from another one only in leading zeros", 2),
    (
      ["1", "1.0", "2.0", "3"],
      "2 identifiers differ from another one only in blanks, hyphens or the form", 2
    ),
  ])
  func identifiersThatAreAlikeAreAWarning(ids: [String], words: String, records: Int) throws {
    let findings = try index(rows(ids)).findings.filter { $0.rule == .identifier }
    #expect(findings.map(\.severity) == [.warning])
    #expect(findings.map(\.records) == [records])
    #expect(findings[0].message.hasPrefix(words))
  }

  @Test(arguments: [
    ("1.2E+05", ElementFinding.Severity.error), ("\"1,23457E+11\"", .error), ("1e+05", .error),
    ("#N/A", .error), ("#REF!", .error),
    ("M\u{FFFD}ller", .error), ("1234567890123450000", .warning), ("NA", .warning),
    ("unknown", .warning),
  ])
  func identifiersThatLostTheirPatient(id: String, severity: ElementFinding.Severity) throws {
    let findings = try index(rows(["P1", id, "P2", id, "P3"])).findings.filter {
      $0.rule == .identifier
    }
    #expect(findings.map(\.severity) == [severity])
    #expect(findings.map(\.records) == [2])
    #expect(findings.map(\.places) == [["t.csv:3", "t.csv:5"]])
  }

  @Test(arguments: [
    "12E3", "1E05", "123456789012345", "E+05", "#1", "1234567890123456", "TCGA-5E-A1",
  ])
  func ordinaryIdentifiers(id: String) throws {
    #expect(try index(rows(["P1", id, "P2"])).findings.filter { $0.rule == .identifier } == [])
  }

  // MARK: numbers

  @Test func readsDeclaredDecimalCommas() throws {
    let csv = "patient;age;sex;disease;crp\nP1;50,5;0;0;1.234,5\nP2;51;1;1;0,25\nP3;52,25;1,0;1;\n"
    let read = try index(csv, "table: {file: t.csv, decimal: \",\", thousands: \".\"}")
    #expect(read.dataFindings == [])
    #expect(values(read, "age") == [50.5, 51, 52.25])
    #expect(values(read, "crp") == [1234.5, 0.25, nil])
    #expect(read.records[2]["sex"] == .category(1))
    let undeclared = cellFindings(try index(csv))
    #expect(
      undeclared.first { $0.element == "age" }?.message.contains("write `decimal: \",\"`") == true)
  }

  @Test(arguments: ["", "elements: {age: {column: age, decimal: \",\"}}"])
  func rejectsTwoDecimalMarksInOneColumn(site: String) throws {
    let index = try index("patient;age;sex;disease\nP1;50,5;0;0\nP2;51.5;1;1\nP3;52;1;1\n", site)
    #expect(cellFindings(index).map(\.severity) == [.error])
    #expect(cellFindings(index).map(\.element) == ["age"])
  }

  @Test func elementFormatOverridesTheTables() throws {
    let index = try index(
      "patient;age;sex;disease;crp\nP1;50,5;0;0;0.5\nP2;51;1;1;1.5\nP3;52;1;1;2\n",
      "table: {file: t.csv, decimal: \",\"}\nelements: {crp: {column: crp, decimal: \".\"}}")
    #expect(index.dataFindings == [])
    #expect(values(index, "crp") == [0.5, 1.5, 2])
  }

  @Test(arguments: [
    ("half", [0.25, 5, 0.25, 7] as [Double?]), ("limit", [0.5, 5, 0.5, 7]), ("zero", [0, 5, 0, 7]),
    ("missing", [nil, 5, nil, 7]),
  ])
  func valuesBelowALimit(meaning: String, expected: [Double?]) throws {
    let csv =
      "patient;age;sex;disease;crp\nP1;50;0;0;< 0,5\nP2;51;1;1;5\nP3;52;1;1;≤0,5\nP4;52;1;1;7\n"
    let site =
      "table: {file: t.csv, decimal: \",\"}\nelements: {crp: {column: crp, below: \(meaning)}}"
    let read = try index(csv, site)
    #expect(read.dataFindings == [])
    #expect(values(read, "crp") == expected)
    let silent = cellFindings(try self.index(csv, "table: {file: t.csv, decimal: \",\"}"))
    #expect(silent.map(\.records) == [2])
    #expect(silent[0].message.contains("`below: half`"))
    #expect(silent[0].values == ["< 0,5", "≤0,5"])
  }

  @Test func readsValuesAboveALimit() throws {
    let csv = "\(head),crp\nP1,50,0,0,>500\nP2,51,1,1,5\nP3,52,1,1,>= 500\n"
    #expect(
      values(try index(csv, "elements: {crp: {column: crp, above: limit}}"), "crp") == [
        500, 5, 500,
      ])
    #expect(
      cellFindings(try index(csv, "elements: {crp: {column: crp, below: half}}")).map(\.records)
        == [2])
  }

  // MARK: dates

  @Test(arguments: [("days", 366.0), ("months", 366 / 30.4375), ("years", 366 / 365.25)])
  func computesDurationsFromTwoDates(unit: String, duration: Double) throws {
    let csv =
      "\(head),start,end\nP1,50,0,0,01.01.2020,01.01.2021\nP2,51,1,1,5.3.2020,5.3.2020\nP3,52,1,1,,5.3.2020\n"
    let index = try index(
      csv, "elements: {follow-up: {\(unit)-between: [start, end], dates: DD.MM.YYYY}}")
    #expect(index.dataFindings == [])
    #expect(values(index, "follow-up") == [duration, 0, nil])
  }

  @Test(arguments: [
    ("", "2020-01-01", "not a date in the declared format"),
    ("DD.MM.YYYY", "31.12.2019", "before the first"),
    ("DD.MM.YYYY", "30.02.2021", "not a date"),
    ("[DD/MM/YYYY, MM/DD/YYYY]", "03/04/2021", "means different days"),
  ])
  func datesThatAreRefused(form: String, end: String, words: String) throws {
    let start = form.contains("[") ? "05/05/2020" : "01.01.2020"
    let csv = "\(head),start,end\nP1,50,0,0,\(start),\(end)\nP2,51,1,1,,\nP3,52,1,1,,\n"
    let dates = form.isEmpty ? "" : ", dates: \(form)"
    let findings = cellFindings(
      try index(csv, "elements: {follow-up: {days-between: [start, end]\(dates)}}"))
    #expect(findings.map(\.element) == ["follow-up"])
    #expect(findings[0].message.contains(words))
    #expect(!findings[0].message.contains("20"))
  }

  @Test func readsDeclaredDateFormat() throws {
    let csv = "\(head),start,end\nP1,50,0,0,20200101,20200111\nP2,51,1,1,,\nP3,52,1,1,,\n"
    let index = try index(
      csv,
      "table: {file: t.csv, dates: YYYYMMDD}\nelements: {follow-up: {days-between: [start, end]}}")
    #expect(values(index, "follow-up") == [10, nil, nil])
  }

  // MARK: dots as thousands separators

  private func ambiguity(_ cells: [String], _ other: String, _ site: String = "elements: {crp: crp}")
    throws -> [ElementFinding]
  {
    let rows = cells.enumerated().map { "P\($0),5\($0),0,\($0 % 2),\($1),\(other)" }
    let csv = (["\(head),crp,note"] + rows).joined(separator: "\n").replacing(",", with: ";")
    return try index(csv.replacing("COMMA", with: ","), site).findings.filter { $0.element == "crp" }
  }

  @Test func ambiguousThousandsPointIsAWarning() throws {
    let findings = try ambiguity(["950", "1.100", "870", "1.100"], "x")
    #expect(findings.map(\.severity) == [.warning] && findings.map(\.records) == [2])
    #expect(findings[0].message.contains("`decimal: \",\"` and `thousands: \".\"`"))
    #expect(findings[0].values == ["1.100"] && findings[0].places == ["t.csv:3", "t.csv:5"])
    #expect(!findings[0].message.contains("1.100"))
  }

  @Test func rejectsAmbiguousPointNextToDecimalCommas() throws {
    let findings = try ambiguity(["950", "1.100", "870"], "0COMMA5")
    #expect(findings.map(\.severity) == [.error] && findings.map(\.rule) == [.number])
  }

  @Test(arguments: ["0COMMA5", "x"])
  func unambiguousOrDeclaredNumbersPass(other: String) throws {
    #expect(try ambiguity(["1.100", "1.234", "0.98"], other) == [])
    #expect(try ambiguity(["1.100", "950"], other, "elements: {crp: {column: crp, decimal: \".\"}}") == [])
    let thousands = "elements: {crp: {column: crp, decimal: \",\", thousands: \".\"}}"
    #expect(try ambiguity(["1.100", "950"], other, thousands) == [])
  }

  @Test func textInAColumnWithoutANameIsAWarning() throws {
    let index = try index("\(head),,crp\nP1,50,0,0,left,1\nP2,51,1,1,,2\nP3,52,1,1,right,3\n")
    let notes = index.findings.filter { $0.rule == .table }
    #expect(notes.map(\.severity) == [.warning] && notes.map(\.records) == [2])
    #expect(notes[0].message.hasPrefix("column 5 has no name") && notes[0].places == ["t.csv:2", "t.csv:4"])
    #expect(values(index, "crp") == [1, 2, 3])
  }

  /// The days are shown in the site's own terminal. A record with errors does not count.
  @Test func theFirstAndLastDayOfDatesAreKnown() throws {
    let csv =
      "\(head),start,end\nP1,50,0,0,2020-01-05,2020-02-29\nP2,51,1,1,2019-12-31,2020-01-11\nP3,52,1,1,,\n"
      + "P4,52,1,1,1900-01-01,2021-13-01\nP5,52,1,1,2022-01-05,2021-01-05\n"
    let index = try index(csv, "elements: {follow-up: {days-between: [start, end]}}")
    #expect(index.days == ["follow-up": "2019-12-31"..."2020-02-29"])
    #expect(values(index, "follow-up") == [55, 11, nil])
  }

  // MARK: filters and lookups

  @Test func rowsThatAlmostMatchAFilterAreAWarning() throws {
    let csv =
      "\(head),kept\nP1,50,0,0,Yes\nP2,51,1,1,yes\nP3,52,1,1,Yes\nP4,52,1,1,No\nP5,52,1,1,YES\nP6,52,1,1,Yes\n"
    let index = try index(csv, "where: {kept: \"Yes\"}")
    #expect(index.records.map(\.group) == ["P1", "P3", "P6"])
    let finding = try #require(index.dataFindings.first)
    #expect((finding.severity, finding.rule, finding.records) == (.warning, .table, 2))
    #expect(finding.places == ["t.csv:3", "t.csv:6"])
  }

  private let lookup =
    "table: {file: t.csv, derive: [{name: region, from: patient, lookup: {file: r.csv, key: id, value: region}}]}\nwhere: {region: north}"

  @Test func rejectsLookupKeyWithTwoValues() throws {
    let regions = "id,region\nP1,north\nP2,north\nP1,south\nP3,north\n"
    let error = #expect(throws: ConsiliumError.self) {
      try index(rows(["P1", "P2", "P3"]), lookup, files: ["r.csv": regions])
    }
    #expect(
      error?.message
        == "r.csv:4: this line's 'id' already occurs in line 2, with a different 'region'; expected each key once"
    )
  }

  @Test func acceptsRepeatedLookupKeyWithOneValue() throws {
    let regions = "id,region\nP1,north\nP2,north\nP1,north\nP3,north\n"
    let index = try index(rows(["P1", "P2", "P3"]), lookup, files: ["r.csv": regions])
    #expect(index.records.count == 3)
    #expect(index.dataFindings == [])
  }

  @Test func similarLookupKeysAreAWarning() throws {
    let regions = "id,region\np1,north\nP02,north\nP3,north\nP4,north\nP5,north\n"
    let index = try index(
      rows(["P1", "P2", "P3", "P4", "P5", "P6"]), lookup, files: ["r.csv": regions])
    #expect(index.records.count == 3)
    #expect(index.dataFindings.map(\.records) == [2])
    #expect(
      index.dataFindings[0].message.hasPrefix(
        "rows have no entry in r.csv, although their 'patient' differs"))
  }

  @Test func rejectsSimilarSiteNames() throws {
    let study = try study()
    let folder = try TestFolder(["t.csv": "hospital,patient\nDU,1\ndu,2\nHT,3\n"])
    let file = try SiteFile(yaml: "table: {file: t.csv}\nsites: {column: hospital}", study: study)
    let error = #expect(throws: ConsiliumError.self) {
      try file.sites(for: study, dataRoot: folder.url)
    }
    #expect(error?.message.contains("differ only in upper and lower case: 'DU', 'du'") == true)
    let only = try SiteFile(
      yaml: "table: {file: t.csv}\nsites: {column: hospital, only: [DU, HT]}", study: study)
    #expect(try only.sites(for: study, dataRoot: folder.url).count == 2)
  }

  // MARK: the site file

  @Test func unsetKeysAreNotInTheDigest() throws {
    let study = try study()
    let nowhere = URL(filePath: "/nowhere")
    func text(_ yaml: String) throws -> String {
      try SiteFile(yaml: yaml + "\nsites: [{name: A}]", study: study).sites(
        for: study, dataRoot: nowhere)[0]
        .canonicalJSON()
    }
    let plain = try text("table: {file: t.csv}\nelements: {age: {column: age}}")
    #expect(
      plain
        == #"{"data":".","elements":{"age":{"column":"age","missing":[],"offset":0,"scale":1,"values":{}}},"exclude-incomplete":false,"name":"A","table":{"derive":[],"file":"t.csv","missing":[]},"where":{}}"#
    )
    #expect(
      try text(
        "table: {file: t.csv, encoding: utf-8, decimal: \".\"}\nids: shared\nelements: {age: {column: age}}"
      ) == plain)
    let full = """
      table: {file: t.csv, encoding: cp1252, decimal: ",", thousands: ".", dates: [DD.MM.YYYY, excel]}
      elements: {crp: {column: crp, decimal: ".", thousands: ",", below: half, above: limit}, follow-up: {years-between: [a, b], dates: YYYYMMDD}}
      """
    let site = try SiteDefinition(canonicalJSON: text(full))
    #expect(try site.canonicalJSON() == text(full))
    #expect(site.table.encoding == .windows1252)
    #expect(
      site.table.format
        == ValueFormat(decimal: ",", thousands: ".", dates: ["DD.MM.YYYY", "excel"]))
    #expect(site.elements["crp"]?.below == .half)
    #expect(site.elements["follow-up"]?.source == .duration(from: "a", to: "b", unit: .years))
  }

  @Test(arguments: [
    ("table: {file: t.csv, encoding: klingon}", "expected one of utf-8"),
    ("table: {file: t.csv, decimal: x}", "expected \".\" or \",\""),
    ("table: {file: t.csv, thousands: \".\"}", "cannot be both the thousands separator and the decimal mark"),
    ("table: {file: t.csv, dates: YY-MM-DD}", "is not a date format"),
    ("table: {files: \"*.png\", encoding: utf-16}", "does not belong to this kind of table"),
    ("table: {file: t.csv}\nelements: {sex: {column: sex, below: half}}", "only numbers have"),
    (
      "table: {file: t.csv}\nelements: {crp: {column: crp, above: half}}",
      "expected limit or missing"
    ),
    (
      "table: {file: t.csv}\nelements: {follow-up: {days-between: [a]}}",
      "expected two columns of dates"
    ),
    (
      "table: {file: t.csv}\nelements: {follow-up: {days-between: [a, b], column: c}}",
      "expected one of"
    ),
    (
      "table: {file: t.csv}\nelements: {sex: {days-between: [a, b]}}", "only a number is a duration"
    ),
    ("table: {file: t.csv}\nids: mine", "expected one of shared, local"),
  ])
  func settingsThatAreRefused(yaml: String, words: String) throws {
    let study = try study()
    let error = #expect(throws: StudyDiagnostics.self) {
      try SiteFile(yaml: yaml + "\nsites: [{name: A}]", study: study)
    }
    #expect(
      error?.diagnostics.contains { $0.message.contains(words) } == true,
      "\(String(describing: error))")
  }

  // MARK: problems found by adversarial testing

  private func message(_ csv: String, _ site: String = "", files: [String: String] = [:]) -> String {
    do {
      return try index(csv, site, files: files).findings.map(\.message).joined(separator: "\n")
    } catch {
      return "\(error)"
    }
  }

  @Test func dataRowInPlaceOfNamesIsNotShown() {
    let text = message(
      "Huber,female,0,yes\nMaier,male,1,no\nKurz,female,0,yes", "elements: {age: years, patient: pid}")
    #expect(text.contains("seems to contain data"))
    #expect(!text.contains("Huber"))
    let born = message("Huber,1950-01-02,male,yes\nMaier,1951-01-02,f,no", "elements: {age: years}")
    #expect(born.contains("seems to contain data"))
    #expect(!born.contains("Huber"))
  }

  @Test func suggestsColumnInAnotherCase() {
    let text = message("patient,AGE,sex,disease\nP1,50,0,1\nP2,51,1,0\nP3,52,1,0")
    #expect(text.contains("there is no column 'age'; map it under `elements`. Did you mean 'AGE'?"))
  }

  @Test func unsignedExponentAfterADecimalMarkIsScientific() throws {
    let found = try index(rows(["1.2E11", "\"1,3e11\"", "7E0", "1E5", "A1E5"])).findings
      .filter { $0.severity == .error && $0.rule == .identifier }
    #expect(found.map(\.records) == [2])
  }

  @Test func warnsOfSimilarKeysWithOtherValues() {
    let text = message(
      "patient,age,sex\na1,50,0\na2,51,1\na3,52,1",
      "table: {file: t.csv, derive: [{name: disease, from: patient, lookup: {file: k.csv, key: id, value: dx}}]}",
      files: ["k.csv": "id,dx\na1,0\nA1,1\na2,1\na3,0\n"])
    #expect(text.contains("2 keys of k.csv differ from another one only in case"))
  }

  @Test func warnsIfAllKeysLackLeadingZeros() {
    let text = message(
      "patient,age,sex\n1,50,0\n2,51,1\n3,52,1",
      "table: {file: t.csv, derive: [{name: disease, from: patient, lookup: {file: k.csv, key: id, value: dx}}]}",
      files: ["k.csv": "id,dx\n001,0\n002,1\n003,0\n"])
    #expect(text.contains("differs from a key only in case, blanks or leading zeros"))
  }

  @Test func findsDecomposedTablesAndFolders() throws {
    let study = try study()
    let text = rows(["P1", "P2", "P3"])
    let folder = try TestFolder(["Da\u{308}ten/Ka\u{308}se.csv": text])
    let file = try SiteFile(
      yaml: "data: D\u{E4}ten\ntable: {file: K\u{E4}se.csv}\nsites: [{name: A}]", study: study)
    let site = try file.sites(for: study, dataRoot: folder.url)[0]
    #expect(site.lies(in: folder.url))
    let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url)
    #expect(index.records.count == 3)
  }

  @Test func rejectsHalfOfANegativeLimit() {
    let text = message(
      "patient,age,sex,disease,crp\nP1,50,0,1,<-5\nP2,51,1,0,1\nP3,52,1,0,2",
      "elements: {crp: {column: crp, below: half}}")
    #expect(text.contains("half of a negative limit"))
  }

  @Test func rejectsPlaceholderDates() {
    let text = message(
      "patient,age,sex,disease,a,b\nP1,50,0,1,2020-01-01,9999-12-31\nP2,51,1,0,2020-01-01,2020-02-01\nP3,52,1,0,,",
      "elements: {follow-up: {days-between: [a, b]}}")
    #expect(text.contains("more than 150 years apart"))
    #expect(!text.contains("9999"))
  }

  @Test func messageNamesThousandsSeparators() {
    let text = message(
      "patient;age;sex;disease;crp\nP1;50;0;1;1.234,5\nP2;51;1;0;2.000,5\nP3;52;1;0;3.000,5")
    #expect(text.contains("write `decimal: \",\"` and `thousands: \".\"`"))
  }
}
