/// The header of a `.npy` array: a Python dictionary of element type, order and shape.
struct NumpyHeader {
  let type: ElementType
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: [Int]

  init(_ text: String) throws(ImageError) {
    guard let descriptor = Self.quoted(text, key: "descr"), let order = Self.word(text, key: "fortran_order"),
      let shape = Self.tuple(text, key: "shape")
    else {
      throw ImageError(
        .malformed, "its NumPy header is not readable: expected descr, fortran_order and shape")
    }
    guard let type = Self.types[String(descriptor.dropFirst())] else {
      throw ImageError(
        .unsupported,
        "holds elements of NumPy type '\(descriptor)'; expected booleans, integers or floats of 4 or 8 bytes")
    }
    self.type = type
    self.shape = shape
    isBigEndian = descriptor.hasPrefix(">")
    isFortranOrder = order.hasPrefix("True")
  }

  private static let types: [String: ElementType] = [
    "b1": .uint8, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32, "i4": .int32,
    "u8": .uint64,
    "i8": .int64, "f4": .float32, "f8": .float64,
  ]

  /// The header's text from the value of `key` on, without leading spaces.
  private static func word(_ text: String, key: String) -> Substring? {
    guard let range = text.firstRange(of: "'\(key)':") else { return nil }
    return text[range.upperBound...].drop(while: { $0 == " " })
  }

  /// The string value of a key; `nil` if the value is not a string. For example, the value of `descr` is a
  /// list if the elements are structures.
  private static func quoted(_ text: String, key: String) -> String? {
    guard let value = word(text, key: key), let quote = value.first, quote == "'" || quote == "\"" else {
      return nil
    }
    return String(value.dropFirst().prefix(while: { $0 != quote }))
  }

  private static func tuple(_ text: String, key: String) -> [Int]? {
    guard let value = word(text, key: key), value.first == "(", let end = value.firstIndex(of: ")") else {
      return nil
    }
    var extents: [Int] = []
    for part in value[..<end].dropFirst().split(separator: ",") {
      let digits = part.filter { $0 != " " && $0 != "L" }
      if digits.isEmpty { continue }
      guard let extent = Int(digits), extent >= 0 else { return nil }
      extents.append(extent)
    }
    return extents
  }
}
