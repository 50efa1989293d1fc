/// A DICOM data set: the positions of its elements' values in the file. Values are decoded on demand.
struct DicomDataSet: Sendable {
  /// One element; its value is a range of the file's bytes.
  struct Element: Sendable {
    /// The value representation: two letters, or `nil` if the encoding omits it.
    let vr: String?
    let value: Range<Int>
    /// Whether the length is undefined, as for a sequence or compressed pixel data.
    let isDelimited: Bool
    /// The number of bytes that the element declares but the file lacks.
    let missing: Int
  }

  let bytes: [UInt8]
  let encoding: DicomEncoding
  var elements: [DicomTag: Element] = [:]

  subscript(tag: DicomTag) -> Element? { elements[tag] }

  /// The text value of an element without its padding; `nil` if the element is absent or empty.
  func text(_ tag: DicomTag) -> String? { texts(tag).first.flatMap { $0.isEmpty ? nil : $0 } }

  /// The numbers of an element, whether written as text (DS, IS) or binary (US, SS, UL, SL, OV, UV, FL, FD).
  func numbers(_ tag: DicomTag) -> [Double] {
    guard let element = elements[tag], element.missing == 0 else { return [] }
    switch element.vr ?? Self.implicitVR(tag) {
    case "US": return integers(UInt16.self, element)
    case "SS": return integers(Int16.self, element)
    case "UL": return integers(UInt32.self, element)
    case "SL": return integers(Int32.self, element)
    case "OV", "UV": return integers(UInt64.self, element)
    case "FL": return integers(UInt32.self, element) { Double(Float(bitPattern: $0)) }
    case "FD": return integers(UInt64.self, element) { Double(bitPattern: $0) }
    default: return texts(tag).compactMap { Double($0) }
    }
  }

  /// The first number of an element, if it is a whole number that fits an Int.
  func integer(_ tag: DicomTag) -> Int? { numbers(tag).first.flatMap { Int(exactly: $0) } }

  /// Returns the items of a sequence; an empty list if the sequence is absent.
  ///
  /// - Throws: `ImageError.Code.malformed` if the sequence is damaged.
  func items(_ tag: DicomTag) throws(ImageError) -> [DicomDataSet] {
    guard let element = elements[tag] else { return [] }
    // A sequence that is declared as UN, of unknown type, is always implicit little-endian (PS3.5, 6.2.2).
    let inner = element.vr == "UN" ? .implicitLittle : encoding
    var parser = DicomParser(bytes: bytes, encoding: inner, position: element.value.lowerBound)
    return try parser.items(to: element.value.upperBound)
  }

  func texts(_ tag: DicomTag) -> [String] {
    guard let element = elements[tag], !element.isDelimited else { return [] }
    return bytes[element.value].split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).map {
      part in
      let isPadding = { (byte: UInt8) in byte == 0x20 || byte == 0 }
      let trimmed = part.drop(while: isPadding)
      let end = trimmed.lastIndex { !isPadding($0) }.map { $0 + 1 } ?? trimmed.startIndex
      return String(decoding: trimmed[..<end], as: UTF8.self)
    }
  }

  private func integers<Word: FixedWidthInteger>(
    _: Word.Type, _ element: Element, _ convert: (Word) -> Double = { Double($0) }
  ) -> [Double] {
    let fields = ByteFields(bytes: bytes, isBigEndian: encoding.isBigEndian)
    let size = MemoryLayout<Word>.size
    return (0..<element.value.count / size).map { index in
      convert(fields.integer(Word.self, at: element.value.lowerBound + index * size))
    }
  }

  /// The value representation of an element in the implicit encoding, which omits it. Only the elements with
  /// binary numbers that this program reads are listed; all others are text.
  private static func implicitVR(_ tag: DicomTag) -> String? {
    switch tag {
    case .samplesPerPixel, .planarConfiguration, .rows, .columns, .bitsAllocated, .bitsStored,
      .pixelRepresentation:
      "US"
    case .redTableDescriptor, .greenTableDescriptor, .blueTableDescriptor, .tableDescriptor, .highBit,
      .referencedSegment:
      "US"
    case .diffusionWeight: "FD"
    case .extendedOffsets, .extendedLengths: "OV"
    default: nil
    }
  }
}

/// The encoding of a data set's elements.
struct DicomEncoding: Sendable, Hashable {
  let isExplicit: Bool
  let isBigEndian: Bool

  static let explicitLittle = Self(isExplicit: true, isBigEndian: false)
  static let implicitLittle = Self(isExplicit: false, isBigEndian: false)
  static let explicitBig = Self(isExplicit: true, isBigEndian: true)
}
