import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct CSVReaderTests {
  private func table(_ text: String, columns: [String]? = nil, delimiter: String? = nil) throws -> TextTable {
    try CSVReader.table(Data(text.utf8), file: "t.csv", columns: columns, delimiter: delimiter)
  }

  @Test(arguments: [
    "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4", "\u{FEFF}a,b\n1,2\n\n3,4\n", "a;b\n1;2\n3;4\n",
    "a\tb\n1\t2\n3\t4\n",
    "\"a\",\"b\"\n\"1\", \"2\" \n 3 ,4\n", "a,b\r1,2\r3,4\r",
  ])
  func dialects(text: String) throws {
    let table = try table(text)
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"], ["3", "4"]])
  }

  @Test func quotedFieldsMayContainAnything() throws {
    let table = try table("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n,\"z\"\n")
    #expect(table.rows == [["x, \"y\"", "two\nlines"], ["", "z"]])
    #expect(table.lines == [2, 4])
  }

  @Test func columnNamesMayComeFromTheSiteFile() throws {
    let table = try table("1;2,5\n", columns: ["a", "b"], delimiter: ";")
    #expect(table.rows == [["1", "2,5"]])
    #expect(try table.index(of: "b") == 1)
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "t.csv:3: expected 2 fields, one per column, found 1"),
    ("a,b\n1,2,3\n", "t.csv:2: expected 2 fields, one per column, found 3"),
    ("a,b\n\"1,2\n3,4\n", "t.csv:2: a quoted field begins here and never ends"),
    (
      "a,b\n\"1\"x,2\n",
      "t.csv:2: expected the end of a field after its closing quote; write a quote inside the field as two quotes"
    ),
    ("a,a\n1,2\n", "t.csv:1: columns 1 and 2 are both called 'a'; give each column a different name"),
    ("", "t.csv:1: the table is empty"),
    (
      "63,1,x\n64,0,y\n",
      "t.csv:1: the first line contains numbers, not names; name the columns in the site file: `columns: [...]`"
    ),
    (
      "a\u{0},b\n",
      "t.csv: the table is not text in UTF-8, since it contains zero bytes; if a spreadsheet wrote it as Unicode text, write `encoding: utf-16` in the site file's `table`, or save it as UTF-8"
    ),
  ])
  func faults(text: String, message: String) {
    do {
      _ = try table(text)
      Issue.record("was read")
    } catch {
      #expect("\(error)" == message)
      #expect((error as? ConsiliumError)?.exitStatus == 2)
    }
  }

  @Test func rejectsOtherEncodings() {
    #expect(throws: ConsiliumError.self) { try CSVReader.table(Data([0x61, 0x0A, 0xE9]), file: "t.csv") }
  }

  @Test func missingColumnIsNamedWithTheNearestOne() throws {
    let table = try table("patient,age\n1,2\n")
    #expect(throws: ConsiliumError.self) { try table.index(of: "pateint") }
    do {
      _ = try table.index(of: "pateint")
    } catch {
      #expect(error.message == "t.csv has no column 'pateint'; it has patient, age. Did you mean 'patient'?")
    }
  }

  @Test(arguments: [
    ("1.0", "1"), ("01", "1"), ("-9", "-9"), ("1.5", "1.5"), ("x", "x"), ("", ""), ("1e3", "1000"),
  ])
  func codes(text: String, normal: String) { #expect(CodeSet.normalised(text) == normal) }
}
