/// A lookup table for stored values: a modality LUT, or one colour of a palette (PS3.3, C.7.6.3.1.5 and
/// C.11.1.1).
struct StoredValueTable: Sendable, Hashable {
  /// The stored value to which the first entry belongs. Lower stored values get the first entry; values
  /// beyond the end of the table get its last entry.
  let first: Int
  let entries: [UInt16]
  /// The bits per entry, 8 to 16.
  let bits: Int

  subscript(value: Int) -> UInt16 { entries[min(max(value - first, 0), entries.count - 1)] }

  init(first: Int, entries: [UInt16], bits: Int) {
    self.first = first
    self.entries = entries
    self.bits = bits
  }

  /// Reads the table from `data`, or expands it from segments, as its descriptor states.
  ///
  /// - Throws: `ImageError.Code.malformed` if a part is absent, damaged or too short.
  init(
    _ dataSet: DicomDataSet, descriptor: DicomTag, data: DicomTag, segments: DicomTag? = nil, isSigned: Bool
  ) throws(ImageError) {
    let numbers = dataSet.words(descriptor)
    guard numbers.count == 3, (8...16).contains(numbers[2]) else {
      throw ImageError(.malformed, "its \(descriptor.label) is absent or not three numbers of a table")
    }
    let count = numbers[0] == 0 ? 65_536 : Int(numbers[0])
    let bits = Int(numbers[2])
    let entries: [UInt16]
    if dataSet[data] == nil, let segments, dataSet[segments] != nil {
      entries = try SegmentedTable(dataSet, segments, bits: bits).expanded(count: count)
    } else {
      entries = Self.entries(dataSet, data, count: count, bits: bits)
    }
    guard entries.count >= count else {
      throw ImageError(
        .malformed,
        "its table \(data) holds \(entries.count) entries; its descriptor \(descriptor) states \(count)")
    }
    self.init(
      first: isSigned ? Int(Int16(bitPattern: numbers[1])) : Int(numbers[1]),
      entries: Array(entries.prefix(count)), bits: bits)
  }

  /// The same table with dark and bright swapped.
  var inverted: Self {
    let greatest = UInt16.max >> UInt16(16 - bits)
    return Self(first: first, entries: entries.map { greatest &- $0 }, bits: bits)
  }

  /// Reads the entries. Two entries of 8 bits share a word, but some writers use one word per entry.
  private static func entries(_ dataSet: DicomDataSet, _ tag: DicomTag, count: Int, bits: Int) -> [UInt16] {
    let words = dataSet.words(tag)
    guard bits == 8, words.count < count else { return words }
    return words.flatMap { [$0 & 0xFF, $0 >> 8] }
  }
}

extension DicomDataSet {
  /// The 16-bit words of a value, whatever its declared type.
  func words(_ tag: DicomTag) -> [UInt16] {
    guard let element = elements[tag], !element.isDelimited, element.missing == 0 else { return [] }
    let isBytes = element.vr == "OB"
    let fields = ByteFields(bytes: bytes, isBigEndian: encoding.isBigEndian && !isBytes)
    return (0..<element.value.count / 2).map { index in
      fields.integer(UInt16.self, at: element.value.lowerBound + index * 2)
    }
  }
}
