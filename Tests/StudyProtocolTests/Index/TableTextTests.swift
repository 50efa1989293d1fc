import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

/// The bytes are the output of Python's codecs.
@Suite struct TableTextTests {
  private static let head = Array("id,name\n1,".utf8)

  private func name(_ bytes: [UInt8], _ encoding: TableEncoding?) throws -> String {
    try CSVReader.table(Data(Self.head + bytes), file: "t.csv", encoding: encoding).rows[0][1]
  }

  private func message(_ data: [UInt8], _ encoding: TableEncoding? = nil) -> String? {
    do {
      _ = try CSVReader.table(Data(data), file: "t.csv", encoding: encoding)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(
    arguments: [
      (TableEncoding.latin1, [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72, 0xDF] as [UInt8], "Müllerß"),
      (.windows1252, [0x80, 0x20, 0x96, 0x20, 0xFC], "€ – ü"),
      (.latin9, [0xA4, 0xBD, 0xFC], "€œü"),
      (.windows1250, [0x9A, 0xE8, 0xF8, 0xB3], "ščřł"), (.macRoman, [0x8A, 0x9F, 0xA7], "äüß"),
      (nil, [0x4D, 0xC3, 0xBC], "Mü"), (.utf8, [0x4D, 0xC3, 0xBC], "Mü"),
    ] as [(TableEncoding?, [UInt8], String)])
  func lettersOfEncodings(encoding: TableEncoding?, bytes: [UInt8], text: String) throws {
    #expect(try name(bytes, encoding) == text)
  }

  @Test(arguments: [true, false], [true, false]) func utf16(isBig: Bool, hasMark: Bool) throws {
    let units = (hasMark ? "\u{FEFF}" : "") + "id,name\r\n1,Müller\r\n"
    let bytes = Array(units.utf16).flatMap { unit -> [UInt8] in
      let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return isBig ? pair : pair.reversed()
    }
    let table = try CSVReader.table(Data(bytes), file: "t.csv", encoding: .utf16)
    #expect(table.rows == [["1", "Müller"]])
    #expect(message(bytes)?.contains("`encoding: utf-16`") == true)
  }

  @Test(arguments: [
    ("a,b\n1,2\n3,\u{FC}\n", "\n"), ("a,b\r\n1,2\r\n3,\u{FC}\r\n", "\r\n"),
    ("a,b\r1,2\r3,\u{FC}\r", "\r"),
  ])
  func undeclaredTextNamesItsLine(text: String, end: String) {
    let latin = text.unicodeScalars.map { UInt8($0.value) }
    #expect(
      message(latin)
        == "t.csv:3: the line is not text in UTF-8; write its encoding in the site file's `table`, such as `encoding: windows-1252` (utf-8, utf-16, latin-1, latin-9, windows-1250, windows-1252, mac-roman), or save the table as UTF-8"
    )
  }

  @Test func rejectsUTF8DeclaredAsAnotherEncoding() {
    #expect(
      message(Array("a,b\n1,ü\n".utf8), .latin1)?.contains("is text in UTF-8, not in latin-1")
        == true)
    #expect(
      message(Array("\u{FEFF}a,b\n1,2\n".utf8), .windows1252)?.contains("mark of utf-8") == true)
  }

  @Test func rejectsUndefinedBytesWithTheirLine() {
    #expect(
      message(Array("a,b\n1,".utf8) + [0x81, 0x0A], .windows1252)
        == "t.csv:2: the line is not text in windows-1252; correct `encoding` in the site file")
    #expect(message([0x61, 0x00, 0x62], .utf16) != nil)
  }

  @Test(
    arguments: [
      ("latin-1", TableEncoding.latin1), ("ISO-8859-1", .latin1), ("cp1252", .windows1252),
      ("UTF-16", .utf16), ("utf8", .utf8),
      ("klingon", nil),
    ] as [(String, TableEncoding?)])
  func otherNames(name: String, encoding: TableEncoding?) {
    #expect(TableEncoding(name: name) == encoding)
  }
}
