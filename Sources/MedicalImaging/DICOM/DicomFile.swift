/// A DICOM file (PS3.10): its transfer syntax and its data set.
struct DicomFile: Sendable {
  let transferSyntax: TransferSyntax
  let dataSet: DicomDataSet

  private static let prefix = Array("DICM".utf8)

  /// Whether the content begins like a DICOM file, or like a data set without the file's preamble.
  static func recognises(_ head: [UInt8]) -> Bool {
    hasPreamble(head) || firstGroup(head) != nil
  }

  /// - Throws: `ImageError` for damaged elements, or a missing or unknown transfer syntax.
  init(_ bytes: [UInt8]) throws(ImageError) {
    guard Self.hasPreamble(bytes) || Self.firstGroup(bytes) == 0x0002 else {
      throw ImageError(
        .unsupported,
        "is a DICOM data set without file meta information, so its transfer syntax is unknown; "
          + "rewrite it as a DICOM file (PS3.10)")
    }
    var parser = DicomParser(
      bytes: bytes, encoding: .explicitLittle, position: Self.hasPreamble(bytes) ? 132 : 0)
    let meta = try parser.dataSet(to: bytes.count) { $0.group == 0x0002 }
    guard let uid = meta.text(.transferSyntax) else {
      throw ImageError(
        .malformed, "its file meta information lacks the transfer syntax \(DicomTag.transferSyntax)")
    }
    transferSyntax = try TransferSyntax(uid: uid)
    let start = parser.position
    let content = transferSyntax.isDeflated ? try Self.inflate(bytes, from: start) : bytes
    let position = transferSyntax.isDeflated ? 0 : start
    var body = DicomParser(
      bytes: content, encoding: Self.encoding(content, at: position, transferSyntax), position: position)
    dataSet = try body.dataSet(to: content.count)
  }

  /// The encoding of the data set. Some files state the explicit encoding but use the implicit one, so this
  /// checks the first element.
  private static func encoding(_ bytes: [UInt8], at start: Int, _ syntax: TransferSyntax) -> DicomEncoding {
    guard syntax.encoding == .explicitLittle, start + 6 <= bytes.count else { return syntax.encoding }
    let hasVR = bytes[(start + 4)..<(start + 6)].allSatisfy { (0x41...0x5A).contains($0) }
    return hasVR ? .explicitLittle : .implicitLittle
  }

  private static func hasPreamble(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 132 && bytes[128..<132].elementsEqual(prefix)
  }

  /// The group number of the first element. Returns `nil` unless the bytes begin with a plausible element of
  /// group 2 or 8, in either byte order.
  private static func firstGroup(_ bytes: [UInt8]) -> UInt16? {
    guard bytes.count >= 8 else { return nil }
    for isBigEndian in [false, true] {
      let fields = ByteFields(bytes: Array(bytes.prefix(8)), isBigEndian: isBigEndian)
      let (group, element) = (fields.integer(UInt16.self, at: 0), fields.integer(UInt16.self, at: 2))
      let hasVR = bytes[4..<6].allSatisfy { (0x41...0x5A).contains($0) }
      let length = fields.integer(UInt32.self, at: 4)
      if group == 0x0002 || group == 0x0008, element <= 0x0200, hasVR || length < 0x1_0000 { return group }
    }
    return nil
  }

  /// Decompresses a deflated data set part by part, since its size is not stated.
  private static func inflate(_ bytes: [UInt8], from start: Int) throws(ImageError) -> [UInt8] {
    try withBytes(bytes) { all throws(ImageError) in
      let inflater = try Inflater(UnsafeBufferPointer(rebasing: all[start...]), rawDeflate: true)
      var content: [UInt8] = []
      while true {
        let part = try inflater.next(1 << 20)
        if part.isEmpty { return content }
        content += part
      }
    }
  }
}
