import FederatedCore
import Foundation

/// Decodes a table's bytes to UTF-8 without a byte order mark.
struct TableText {
  let bytes: [UInt8]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the bytes are not valid text in the declared
  ///   encoding, which is UTF-8 by default.
  init(_ data: Data, encoding: TableEncoding?, file: String) throws(ConsiliumError) {
    let bytes = Array(data)
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      throw Self.fault(file, 1, "the table is text in UTF-32, which is not supported; save it as UTF-8")
    }
    let mark = Self.mark(of: bytes)
    if let mark, mark != encoding ?? .utf8 {
      throw Self.fault(file, 1, Self.advice(mark, declared: encoding))
    }
    switch encoding ?? .utf8 {
    case .utf8: self.bytes = try Self.utf8(mark == nil ? bytes : Array(bytes.dropFirst(3)), file)
    case .utf16: self.bytes = try Self.utf16(bytes, hasMark: mark != nil, file)
    case let eightBit: self.bytes = try Self.eightBit(bytes, eightBit, file)
    }
  }

  private static func mark(of bytes: [UInt8]) -> TableEncoding? {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
    return bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? .utf16 : nil
  }

  private static func advice(_ found: TableEncoding, declared: TableEncoding?) -> String {
    let way = found == .utf8 ? "leave `encoding` out" : "write `encoding: \(found.rawValue)`"
    return
      "the table begins with the mark of \(found.rawValue), not of \((declared ?? .utf8).rawValue); \(way)"
  }

  private static func utf8(_ bytes: [UInt8], _ file: String) throws(ConsiliumError) -> [UInt8] {
    if bytes.contains(0) {
      throw fault(
        file, nil,
        "the table is not text in UTF-8, since it contains zero bytes; if a spreadsheet wrote it as Unicode text, write "
          + "`encoding: utf-16` in the site file's `table`, or save it as UTF-8")
    }
    guard String(validating: bytes, as: UTF8.self) == nil else { return bytes }
    let line = bytes.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D }
    )
    .firstIndex { String(validating: $0, as: UTF8.self) == nil }
    // The split yields an empty piece between the two bytes of a CRLF, so each line is counted twice.
    let isCRLF =
      bytes.firstIndex(of: 0x0D).map { $0 + 1 < bytes.count && bytes[$0 + 1] == 0x0A } ?? false
    throw fault(
      file, line.map { isCRLF ? $0 / 2 + 1 : $0 + 1 },
      "the line is not text in UTF-8; write its encoding in the site file's `table`, such as `encoding: windows-1252` "
        + "(\(TableEncoding.allCases.map(\.rawValue).joined(separator: ", "))), or save the table as UTF-8"
    )
  }

  private static func utf16(_ bytes: [UInt8], hasMark: Bool, _ file: String) throws(ConsiliumError)
    -> [UInt8]
  {
    let isBig = hasMark ? bytes[0] == 0xFE : bytes.first == 0
    let body = hasMark ? bytes.dropFirst(2) : bytes[...]
    var units: [UInt16] = []
    units.reserveCapacity(body.count / 2)
    for index in stride(from: body.startIndex, to: body.endIndex - 1, by: 2) {
      let (first, second) = (UInt16(body[index]), UInt16(body[index + 1]))
      units.append(isBig ? first << 8 | second : second << 8 | first)
    }
    guard body.count.isMultiple(of: 2), !units.contains(0),
      let text = String(validating: units, as: UTF16.self)
    else {
      throw fault(file, nil, "the table is not text in UTF-16; correct `encoding` in the site file")
    }
    return Array(text.utf8)
  }

  private static func eightBit(
    _ bytes: [UInt8], _ encoding: TableEncoding, _ file: String
  ) throws(ConsiliumError) -> [UInt8] {
    if bytes.contains(where: { $0 >= 0x80 }), String(validating: bytes, as: UTF8.self) != nil {
      throw fault(
        file, nil,
        "the table is text in UTF-8, not in \(encoding.rawValue); leave `encoding` out, or write `utf-8`"
      )
    }
    let letters = EightBitLetters(encoding)
    var text = String.UnicodeScalarView()
    var line = 1
    for byte in bytes {
      guard byte != 0, let letter = letters[byte] else {
        throw fault(
          file, line,
          "the line is not text in \(encoding.rawValue); correct `encoding` in the site file")
      }
      if byte == 0x0A { line += 1 }
      text.append(letter)
    }
    return Array(String(text).utf8)
  }

  private static func fault(_ file: String, _ line: Int?, _ message: String) -> ConsiliumError {
    ConsiliumError(.invalidInput, "\(file)\(line.map { ":\($0)" } ?? ""): \(message)")
  }
}
