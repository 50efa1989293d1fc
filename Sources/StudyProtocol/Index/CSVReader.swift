import FederatedCore
import Foundation

/// Reads delimited text (RFC 4180): quoted fields, doubled quotes, any line ends, a byte order mark, a
/// spreadsheet's first line `sep=;`, and `,`, `;`, `|` or tab between fields.
///
/// Drops blanks around fields and invisible characters; ``TableTidying`` removes other clutter.
struct CSVReader {
  /// The rows as in the file; their lengths may differ.
  struct Lines {
    var rows: [[String]] = []
    /// The number of each row's line in the file.
    var numbers: [Int] = []
  }

  private let file: String
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  /// - Parameters:
  ///   - file: The name for messages.
  ///   - columns: The names of the columns of a file without a header line.
  ///   - delimiter: `nil` for the most frequent delimiter of the first line.
  ///   - encoding: `nil` for UTF-8.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that names the line.
  static func table(
    _ data: Data, file: String, columns: [String]? = nil, delimiter: String? = nil,
    encoding: TableEncoding? = nil
  ) throws(ConsiliumError) -> TextTable {
    let text = try TableText(data, encoding: encoding, file: file)
    var reader = CSVReader(text.bytes, file: file)
    let lines = try reader.lines(delimiter: delimiter?.utf8.first)
    return try TableTidying(file: file, columns: columns, lines: lines).table()
  }

  private init(_ bytes: [UInt8], file: String) {
    self.file = file
    self.bytes = bytes
  }

  private mutating func lines(delimiter declared: UInt8?) throws(ConsiliumError) -> Lines {
    let stated = statedDelimiter()
    if let stated, let declared, stated != declared {
      throw fault(
        1,
        "the first line states a different delimiter from the site file; correct `delimiter`, or leave it out"
      )
    }
    let delimiter = declared ?? stated ?? mostFrequentDelimiter()
    var lines = Lines()
    while position < bytes.count {
      let start = line
      let fields = try record(delimiter)
      if fields == [""] { continue }
      lines.rows.append(fields)
      lines.numbers.append(start)
    }
    return lines
  }

  /// The delimiter in a spreadsheet's first line `sep=;`; skips that line.
  private mutating func statedDelimiter() -> UInt8? {
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D { skipLineEnd() }
    let end = bytes[position...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
    let first = bytes[position..<end].filter { $0 != 0x22 && $0 != 0x20 }
    let isMark = String(decoding: first.prefix(4), as: UTF8.self).lowercased() == "sep="
    guard isMark, first.count > 4, first.dropFirst(5).allSatisfy({ $0 == first[4] })
    else {
      return nil
    }
    position = end
    skipLineEnd()
    return first[4]
  }

  private mutating func skipLineEnd() {
    guard position < bytes.count else { return }
    position +=
      bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A ? 2 : 1
    line += 1
  }

  /// The fields up to the end of the line.
  private mutating func record(_ delimiter: UInt8) throws(ConsiliumError) -> [String] {
    var fields: [String] = []
    while true {
      fields.append(try field(delimiter))
      guard position < bytes.count else { return fields }
      guard bytes[position] == delimiter else {
        skipLineEnd()
        return fields
      }
      position += 1
    }
  }

  /// Reads one field. Afterwards, the position is at a delimiter, at a line end or at the end of the text.
  private mutating func field(_ delimiter: UInt8) throws(ConsiliumError) -> String {
    let start = position
    skip { $0 == 0x20 }
    if position < bytes.count, bytes[position] == 0x22 { return try quoted(delimiter) }
    position = start
    skip { $0 != delimiter && $0 != 0x0A && $0 != 0x0D }
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let field = bytes[start..<position].drop(while: isBlank)
    return String(decoding: field.dropLast(field.reversed().prefix(while: isBlank).count), as: UTF8.self)
  }

  private mutating func quoted(_ delimiter: UInt8) throws(ConsiliumError) -> String {
    let first = line
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == 0x22 {
        guard position < bytes.count, bytes[position] == 0x22 else {
          skip { $0 == 0x20 }
          guard position == bytes.count || [delimiter, 0x0A, 0x0D].contains(bytes[position]) else {
            throw fault(
              line,
              "expected the end of a field after its closing quote; write a quote inside the field as two quotes"
            )
          }
          return String(decoding: text, as: UTF8.self)
        }
        position += 1
      }
      let isLoneReturn = byte == 0x0D && (position == bytes.count || bytes[position] != 0x0A)
      if byte == 0x0A || isLoneReturn { line += 1 }
      text.append(byte)
    }
    throw fault(first, "a quoted field begins here and never ends")
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while position < bytes.count, condition(bytes[position]) { position += 1 }
  }

  private func mostFrequentDelimiter() -> UInt8 {
    var isQuoted = false
    var counts: [UInt8: Int] = [:]
    for byte in bytes[position...] {
      if byte == 0x22 { isQuoted.toggle() }
      if (byte == 0x0A || byte == 0x0D) && !isQuoted { break }
      if !isQuoted { counts[byte, default: 0] += 1 }
    }
    let candidates = Array(",;\t|".utf8)
    return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? candidates[0]
  }

  private func fault(_ line: Int, _ message: String) -> ConsiliumError {
    ConsiliumError(.invalidInput, "\(file):\(line): \(message)")
  }
}
