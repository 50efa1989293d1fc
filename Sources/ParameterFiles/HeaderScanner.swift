import Foundation

/// Parses the JSON of a safetensors header.
///
/// General JSON parsers silently drop one of two equal keys, lose the order of keys, and accept more than the
/// format allows. This parser accepts exactly the format and reads each byte once.
struct HeaderScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  typealias Contents = (tensors: [SafetensorsHeader.Tensor], metadata: [String: String])

  mutating func scan() throws(HeaderFault) -> Contents {
    var contents: Contents = ([], [:])
    var names: Set<String> = []
    try object { (scanner: inout HeaderScanner, name) throws(HeaderFault) in
      guard names.insert(name).inserted else { throw HeaderFault("'\(name)' appears twice in its header") }
      if name == "__metadata__" {
        contents.metadata = try scanner.texts()
      } else {
        contents.tensors.append(try scanner.tensor(name))
      }
    }
    skipSpace()
    guard position == bytes.count else { throw fault("the end of the header") }
    return contents
  }

  private mutating func texts() throws(HeaderFault) -> [String: String] {
    var texts: [String: String] = [:]
    try object { (scanner: inout HeaderScanner, key) throws(HeaderFault) in
      guard texts.updateValue(try scanner.string(), forKey: key) == nil else {
        throw HeaderFault("'\(key)' appears twice in its metadata")
      }
    }
    return texts
  }

  private mutating func tensor(_ name: String) throws(HeaderFault) -> SafetensorsHeader.Tensor {
    var (type, shape, offsets): (String?, [Int]?, [Int]?)
    try object { (scanner: inout HeaderScanner, key) throws(HeaderFault) in
      switch key {
      case "dtype" where type == nil: type = try scanner.string()
      case "shape" where shape == nil: shape = try scanner.integers()
      case "data_offsets" where offsets == nil: offsets = try scanner.integers()
      default: throw HeaderFault("tensor '\(name)' has the unknown or repeated key '\(key)'")
      }
    }
    guard let type, let shape, let offsets else {
      throw HeaderFault("tensor '\(name)' lacks dtype, shape or data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw HeaderFault("tensor '\(name)' has the data_offsets \(offsets); expected a start and an end")
    }
    return .init(name: name, type: type, shape: shape, bytes: offsets[0]..<offsets[1])
  }

  private mutating func object(
    _ member: (inout HeaderScanner, String) throws(HeaderFault) -> Void
  ) throws(HeaderFault) {
    try list("{", "}") { (scanner: inout HeaderScanner) throws(HeaderFault) in
      let key = try scanner.string()
      try scanner.expect(":")
      try member(&scanner, key)
    }
  }

  private mutating func integers() throws(HeaderFault) -> [Int] {
    var values: [Int] = []
    try list("[", "]") { (scanner: inout HeaderScanner) throws(HeaderFault) in
      values.append(try scanner.integer())
    }
    return values
  }

  private mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar,
    _ element: (inout HeaderScanner) throws(HeaderFault) -> Void
  ) throws(HeaderFault) {
    try expect(open)
    if take(close) { return }
    repeat { try element(&self) } while take(",")
    try expect(close)
  }

  private mutating func integer() throws(HeaderFault) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = Int(bytes[position]) - 48, (0...9).contains(digit) {
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow, tenfold <= Int.max - digit else {
        throw HeaderFault("a number in its header is too large")
      }
      value = tenfold + digit
      position += 1
    }
    guard position > start else { throw fault("a whole number") }
    return value
  }

  private mutating func string() throws(HeaderFault) -> String {
    try expect("\"")
    let start = position
    var escaped = false
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        escaped = true
        position += 1
      }
      position += 1
    }
    guard position < bytes.count else { throw HeaderFault("a text in its header does not end") }
    let body = bytes[start..<position]
    position += 1
    let text =
      escaped
      ? try? JSONDecoder().decode(String.self, from: Data([0x22] + Array(body) + [0x22]))
      : String(validating: body, as: UTF8.self)
    guard let text else { throw HeaderFault("a text in its header is not valid") }
    return text
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(HeaderFault) {
    guard take(scalar) else { throw fault("'\(scalar)'") }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private func fault(_ expected: String) -> HeaderFault {
    HeaderFault("its header is not that of a safetensors file: expected \(expected) at byte \(8 + position)")
  }
}
