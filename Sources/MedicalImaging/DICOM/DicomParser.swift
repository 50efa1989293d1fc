/// Walks through the elements of a DICOM data set (PS3.5, chapter 7) without copying their values.
///
/// GDCM's own parser reserves the declared size of an element, up to 4 GB, before it checks whether the file
/// is that long. The parser here only notes ranges, each of which lies inside the file.
struct DicomParser {
  let bytes: [UInt8]
  let encoding: DicomEncoding
  var position: Int

  private static let greatestDepth = 64
  private static let longForms: Set<String> = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
  ]

  init(bytes: [UInt8], encoding: DicomEncoding, position: Int) {
    self.bytes = bytes
    self.encoding = encoding
    self.position = position
  }

  /// Reads elements until `end`, the end of a delimited item, or the first tag that is not wanted.
  mutating func dataSet(
    to end: Int, depth: Int = 0, while isWanted: (DicomTag) -> Bool = { _ in true }
  ) throws(ImageError) -> DicomDataSet {
    var dataSet = DicomDataSet(bytes: bytes, encoding: encoding)
    while position + 8 <= end {
      let start = position
      let tag = self.tag(at: start)
      guard isWanted(tag) else { return dataSet }
      if tag.group == 0, try skipPadding(to: end) { return dataSet }
      if tag == .itemEnd || tag == .sequenceEnd {
        position += 8
        return dataSet
      }
      dataSet.elements[tag] = try element(tag, end: end, depth: depth)
    }
    return dataSet
  }

  /// Moves past zeros that fill a file up to its end. They are not elements: files have no elements of group
  /// 0.
  ///
  /// - Throws: `ImageError` if the remaining bytes are not all zero. Skipping them would lose elements of a
  ///   damaged file.
  private mutating func skipPadding(to end: Int) throws(ImageError) -> Bool {
    let isPadding = bytes.withUnsafeBufferPointer { $0[position..<end].allSatisfy { $0 == 0 } }
    guard isPadding else {
      throw ImageError(
        .malformed,
        "is damaged: at byte \(position) an element should begin; restore the file, or export it again")
    }
    position = end
    return true
  }

  /// Reads the items of a sequence up to `end` or to its delimiter.
  mutating func items(to end: Int, depth: Int = 0) throws(ImageError) -> [DicomDataSet] {
    guard depth < Self.greatestDepth else {
      throw ImageError(.malformed, "its sequences are nested more than \(Self.greatestDepth) deep")
    }
    var items: [DicomDataSet] = []
    while position + 8 <= end {
      let tag = self.tag(at: position)
      let length = self.length(at: position + 4)
      position += 8
      if tag == .sequenceEnd { return items }
      guard tag == .item else {
        throw ImageError(
          .malformed, "a sequence holds \(tag) at byte \(position - 8) where an item should begin")
      }
      let itemEnd = length.map { min(position + $0, end) } ?? end
      items.append(try dataSet(to: itemEnd, depth: depth + 1))
      if length != nil { position = itemEnd }
    }
    return items
  }

  /// Reads one element's header, notes the range of its value and moves past it.
  private mutating func element(_ tag: DicomTag, end: Int, depth: Int) throws(ImageError)
    -> DicomDataSet.Element
  {
    let (vr, length) = try head(tag, end: end)
    let start = position
    guard let length else {
      try skipDelimited(tag, vr: vr, end: end, depth: depth)
      return .init(vr: vr, value: start..<position, isDelimited: true, missing: 0)
    }
    let available = min(length, end - start)
    position = start + available
    let missing = length - available
    guard missing == 0 || tag.group == 0x7FE0 else {
      throw ImageError(
        .malformed, "ends early: element \(tag) needs \(length) bytes, but only \(available) are left")
    }
    return .init(vr: vr, value: start..<position, isDelimited: false, missing: missing)
  }

  /// Reads an element's type and length. The length is `nil` if it is undefined.
  private mutating func head(_ tag: DicomTag, end: Int) throws(ImageError) -> (vr: String?, length: Int?) {
    let start = position
    let letters = bytes[(start + 4)..<(start + 6)]
    // Read the element in the implicit form if it has no type: some writers use this form inside an explicit
    // data set.
    guard encoding.isExplicit, letters.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      position = start + 8
      return (nil, length(at: start + 4))
    }
    let vr = String(decoding: letters, as: UTF8.self)
    guard Self.longForms.contains(vr) else {
      position = start + 8
      let fields = ByteFields(bytes: bytes, isBigEndian: encoding.isBigEndian)
      return (vr, Int(fields.integer(UInt16.self, at: start + 6)))
    }
    guard start + 12 <= end else { throw ImageError(.malformed, "ends early inside element \(tag)") }
    position = start + 12
    return (vr, length(at: start + 8))
  }

  /// Moves past a value of undefined length: compressed pixel data, or a sequence.
  private mutating func skipDelimited(_ tag: DicomTag, vr: String?, end: Int, depth: Int) throws(ImageError) {
    if tag == .pixelData {
      _ = DicomFragments.scan(bytes, position: &position, end: end)
    } else if vr == "UN" {
      var inner = DicomParser(bytes: bytes, encoding: .implicitLittle, position: position)
      _ = try inner.items(to: end, depth: depth)
      position = inner.position
    } else {
      _ = try items(to: end, depth: depth)
    }
  }

  private func tag(at offset: Int) -> DicomTag {
    let fields = ByteFields(bytes: bytes, isBigEndian: encoding.isBigEndian)
    return DicomTag(fields.integer(UInt16.self, at: offset), fields.integer(UInt16.self, at: offset + 2))
  }

  private func length(at offset: Int) -> Int? {
    let length = ByteFields(bytes: bytes, isBigEndian: encoding.isBigEndian).integer(UInt32.self, at: offset)
    return length == .max ? nil : Int(length)
  }
}
