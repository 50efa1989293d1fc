import FederatedCore
import Foundation

/// Reads delimited text (RFC 4180): quoted fields, doubled quotes, CRLF or LF, a byte order mark, and `,`, `;` or tab between
/// fields. Blanks around fields that are not quoted are dropped, and so are empty lines.
struct CSVReader {
  private let file: String
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  /// - Parameters:
  ///   - file: the name for messages.
  ///   - columns: the names of the columns of a file without a header line.
  ///   - delimiter: nil to take what the first line has most of.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`, with the line.
  static func table(
    _ data: Data, file: String, columns: [String]? = nil, delimiter: String? = nil
  ) throws(ConsiliumError) -> TextTable {
    var reader = try CSVReader(data, file: file)
    return try reader.read(columns: columns, delimiter: delimiter?.utf8.first)
  }

  private init(_ data: Data, file: String) throws(ConsiliumError) {
    self.file = file
    let bytes = Array(data)
    guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
      throw ConsiliumError(.invalidInput, "\(file): the table is not text in UTF-8; save it as UTF-8")
    }
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  private mutating func read(columns: [String]?, delimiter: UInt8?) throws(ConsiliumError) -> TextTable {
    let delimiter = delimiter ?? mostFrequentDelimiter()
    var header = columns
    var rows: [[String]] = []
    var lines: [Int] = []
    while position < bytes.count {
      let start = line
      let fields = try record(delimiter)
      if fields == [""] { continue }
      guard let header else {
        header = fields
        continue
      }
      guard fields.count == header.count else {
        throw fault(start, "expected \(header.count) fields, as there are columns, found \(fields.count)")
      }
      rows.append(fields)
      lines.append(start)
    }
    guard let header, !header.isEmpty else { throw fault(1, "the table is empty") }
    // Without a header line its place is a patient's row, which no message may repeat.
    if columns == nil, 2 * header.count(where: { YAMLReader.decimal($0) != nil }) >= header.count {
      throw fault(
        1, "the first line holds numbers, not names; name the columns in the site file: `columns: [...]`")
    }
    if let twice = header.enumerated().first(where: { header[..<$0.offset].contains($0.element) }) {
      throw fault(1, "two columns are called '\(twice.element)'")
    }
    return TextTable(file: file, columns: header, rows: rows, lines: lines)
  }

  /// The fields up to the end of the line.
  private mutating func record(_ delimiter: UInt8) throws(ConsiliumError) -> [String] {
    var fields: [String] = []
    while true {
      fields.append(try field(delimiter))
      guard position < bytes.count else { return fields }
      let byte = bytes[position]
      position += 1
      if byte == delimiter { continue }
      if byte == 0x0D, position < bytes.count, bytes[position] == 0x0A { position += 1 }
      line += 1
      return fields
    }
  }

  /// One field; afterwards the position is at a delimiter, a line end or the end.
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
              line, "expected the end of a field after its closing quote; write a quote within as two")
          }
          return String(decoding: text, as: UTF8.self)
        }
        position += 1
      }
      if byte == 0x0A { line += 1 }
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
    for byte in bytes {
      if byte == 0x22 { isQuoted.toggle() }
      if byte == 0x0A && !isQuoted { break }
      if !isQuoted { counts[byte, default: 0] += 1 }
    }
    let candidates = Array(",;\t".utf8)
    return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? candidates[0]
  }

  private func fault(_ line: Int, _ message: String) -> ConsiliumError {
    ConsiliumError(.invalidInput, "\(file):\(line): \(message)")
  }
}
