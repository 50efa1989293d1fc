import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct CSVFuzzTests {
  /// Fragments from which odd tables are assembled.
  private static let pieces: [[UInt8]] =
    [
      "a", ",", ";", "\t", "|", "\"", "\n", "\r", "\r\n", " ", "sep=", "1,5", "\u{FEFF}", "\u{A0}",
      "\u{200B}", "=\"0\"", "total", "é",
    ]
    .map { Array($0.utf8) } + [[0x00], [0xFF], [0xFE], [0xC3], [0x81]]

  /// Every input yields either an error or a table whose rows match its column names.
  @Test(arguments: [nil] + TableEncoding.allCases.map(Optional.some)) func oddInputYieldsATableOrAnError(
    encoding: TableEncoding?
  ) {
    var stream = RandomStream(seed: 17)
    for _ in 0..<1500 {
      let count = Int.random(in: 0...30, using: &stream)
      let bytes = (0..<count).flatMap { _ in Self.pieces.randomElement(using: &stream) ?? [] }
      guard let table = try? CSVReader.table(Data(bytes), file: "t.csv", encoding: encoding) else {
        continue
      }
      #expect(!table.columns.isEmpty)
      #expect(table.rows.allSatisfy { $0.count == table.columns.count })
      #expect(table.lines.count == table.rows.count)
    }
  }
}
