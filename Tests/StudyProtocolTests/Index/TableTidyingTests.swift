import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct TableTidyingTests {
  private func table(_ text: String, columns: [String]? = nil) throws -> TextTable {
    try CSVReader.table(Data(text.utf8), file: "t.csv", columns: columns)
  }

  private func message(_ text: String) -> String? {
    do {
      _ = try table(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    "sep=;\r\na;b\r\n1;2\r\n", "\u{FEFF}sep=;\na;b\n1;2\n", "\"sep=;\"\na;b\n1;2",
    "SEP=;;;\na;b\n1;2", "sep=\t\na\tb\n1\t2\n",
    "sep=|\na|b\n1|2\n", "\nsep=;\na;b\n1;2\n", "sep = ;\na;b\n1;2\n", "sep=,\na,b\n1,2\n", "a|b\n1|2\n",
    "sep=;\ra;b\r1;2\r",
  ])
  func aSpreadsheetsFirstLineStatesTheDelimiter(text: String) throws {
    let table = try table(text)
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"]])
    #expect(table.lines == [text.hasPrefix("\n") ? 4 : text.lowercased().contains("sep") ? 3 : 2])
    #expect(table.notes == [])
  }

  @Test func statedDelimiterMustMatchTheDeclaredOne() {
    #expect(throws: ConsiliumError.self) {
      try CSVReader.table(Data("sep=;\na;b\n1;2\n".utf8), file: "t.csv", delimiter: ",")
    }
  }

  @Test func skipsColumnsAndRowsWithoutContent() throws {
    let table = try table("a;b;;\n1;2;;\n;;;\n3;4;;\n;;;\n\n;;;\n")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"], ["3", "4"]])
    #expect(table.lines == [2, 4])
    #expect(
      table.notes == [
        .init(
          message: "rows without content were skipped", rows: 3,
          places: ["t.csv:3", "t.csv:5", "t.csv:7"]),
        .init(message: "2 columns without name and content were skipped"),
      ])
  }

  @Test func skipsEmptyFieldsBeyondTheNames() throws {
    let table = try table("a,b\n1,2,,\n3,4\n")
    #expect(table.rows == [["1", "2"], ["3", "4"]])
    #expect(table.notes.map(\.message) == ["2 columns without name and content were skipped"])
  }

  @Test(arguments: [
    (
      "a;b;;\n1;2;;\n3;4;5;\n",
      "t.csv:3: there is text in column 3, which has no name; expected the names of all columns in the first line, and quotes around a text that contains a delimiter"
    ),
    ("a,b\n1,2,3\n", "t.csv:2: expected 2 fields, one per column, found 3"),
    ("a,b,\n1\n", "t.csv:2: expected 3 fields, one per column, found 1"),
    (
      "age,x,age\u{A0}\n1,2,3\n",
      "t.csv:1: columns 1 and 3 are both called 'age'; give each column a different name"
    ),
    (
      "pat id,pat  id\nx,y\n",
      "t.csv:1: columns 1 and 2 are both called 'pat id'; give each column a different name"
    ),
    (
      "age,a\u{200B}ge\n1,2\n",
      "t.csv:1: columns 1 and 2 are both called 'age'; give each column a different name"
    ),
    (
      "P1,male,male\nP2,male,female\n",
      "t.csv:1: columns 2 and 3 have the same name; give each column a different name"
    ),
    (
      "List of 3 May\na,b\n",
      "t.csv:2: expected 1 field, one per column, found 2; if there is a title above the names of the columns, delete it"
    ),
    (
      "sep=;\na,b\n1,2\n",
      "t.csv:2: the table is read as one column, although ',' separates its fields; correct `delimiter` in the site file, or the line `sep=` of the table"
    ),
  ])
  func faults(text: String, fault: String) { #expect(message(text) == fault) }

  @Test func skipsBlankRowAboveTheNames() throws {
    let table = try table(";;\na;b;\n1;2;\n")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"]])
    #expect(table.notes.map(\.rows) == [1, 0])
  }

  @Test func keepsIndexColumnWithoutAName() throws {
    let table = try table(",a\n0,1\n1,2\n")
    #expect(table.columns == ["", "a"])
    #expect(table.rows == [["0", "1"], ["1", "2"]])
  }

  @Test func skipsRepeatedHeaders() throws {
    let table = try table("id,age\n1,40\nid,age\n2,50\nid, age\n")
    #expect(table.rows == [["1", "40"], ["2", "50"]])
    #expect(table.notes.map(\.rows) == [2])
    #expect(table.notes[0].places == ["t.csv:3", "t.csv:5"])
  }

  @Test(arguments: ["Total,90", "total:,90", ",Summe", "Total,90\nMittelwert,45"])
  func skipsTotalsAtTheEnd(rows: String) throws {
    let table = try table("id,age\n1,40\n2,50\n\(rows)\n")
    #expect(table.rows == [["1", "40"], ["2", "50"]])
    #expect(table.notes.map(\.message) == ["rows of totals at the end were skipped"])
  }

  /// Here `total` is an operation, not a sum.
  @Test func wordThatOccursElsewhereIsNotATotal() throws {
    let table = try table("resection,age\ntotal,40\npartial,50\ntotal,60\n")
    #expect(table.rows.count == 3)
    #expect(table.notes == [])
  }

  @Test(arguments: [
    ("P1\u{A0}", "P1"), ("\u{A0}P1", "P1"), ("P1\u{200B}", "P1"), ("P\u{200B}1", "P1"),
    ("\u{FEFF}P1", "P1"), ("P1\u{AD}", "P1"),
    ("P\u{2007}1", "P 1"), ("P\u{202F}1", "P 1"), ("P1\u{200E}", "P1"), ("P1\u{2060}", "P1"),
    ("P1\u{3000}", "P1"),
    ("P1\u{7F}", "P1"), ("P1\u{85}", "P1"), ("\" P1 \"", "P1"), ("\"P1\u{A0}\"", "P1"),
    ("=\"001\"", "001"), ("P1\u{FE0F}", "P1"),
    ("P1\u{2800}", "P1"),
  ])
  func charactersThatNobodySeesAreLeftOut(raw: String, text: String) throws {
    let table = try table("id,age\nP0,1\n\(raw),2\n")
    #expect(table.rows.map { $0[0] } == ["P0", text])
    #expect(table.cleanedLines == ["id": [3]])
  }

  @Test(arguments: ["P1", "Müller", "Mu\u{308}ller", "a  b", "=1", "数", "x\ty"])
  func visibleTextIsKept(text: String) {
    #expect(CellText(text).text == text)
    #expect(!CellText(text).isChanged)
  }

  @Test func textIsNormalisedToComposedForm() {
    #expect(Array(CellText("u\u{308}").text.unicodeScalars) == ["\u{FC}"])
  }

  @Test func namesOfColumnsAreCleaned() throws {
    let table = try table("patient,age\u{200B},\u{A0}sex\nP1,1,2\n")
    #expect(table.columns == ["patient", "age", "sex"])
    #expect(try table.index(of: "sex\u{A0}") == 2)
    #expect(
      table.notes.map(\.message) == [
        "2 column names contained unusual blanks or invisible characters; they were removed"
      ])
  }
}
