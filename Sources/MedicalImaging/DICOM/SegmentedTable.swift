/// A palette written as discrete, linear and repeated segments (PS3.3, C.7.9.2).
struct SegmentedTable {
  /// The encoded segments: one element per 16-bit word, or one per byte if entries have 8 bits.
  private let codes: [UInt16]
  private let isBytes: Bool

  init(_ dataSet: DicomDataSet, _ tag: DicomTag, bits: Int) {
    let words = dataSet.words(tag)
    isBytes = bits == 8
    codes = isBytes ? words.flatMap { [$0 & 0xFF, $0 >> 8] } : words
  }

  /// Expands the segments until there are at least `count` entries or no segments are left.
  ///
  /// - Throws: `ImageError.Code.malformed` if a segment is truncated or of an unknown kind.
  func expanded(count: Int) throws(ImageError) -> [UInt16] {
    var entries: [UInt16] = []
    var position = 0
    while entries.count < count, position + 1 < codes.count {
      if codes[position] == 2 {
        try repeatSegments(at: &position, into: &entries)
      } else {
        try appendSegment(at: &position, to: &entries)
      }
    }
    return entries
  }

  private func appendSegment(at position: inout Int, to entries: inout [UInt16]) throws(ImageError) {
    guard position + 1 < codes.count else { throw Self.damaged }
    let (kind, length) = (codes[position], Int(codes[position + 1]))
    position += 2
    switch kind {
    case 0:
      guard position + length <= codes.count else { throw Self.damaged }
      entries += codes[position..<position + length]
      position += length
    case 1:
      guard position < codes.count, let start = entries.last, length > 0 else { throw Self.damaged }
      let (from, to) = (Double(start), Double(codes[position]))
      entries += (1...length).map { step in
        UInt16((from + (to - from) * Double(step) / Double(length)).rounded(.toNearestOrEven))
      }
      position += 1
    default: throw Self.damaged
    }
  }

  /// Appends the entries of earlier segments again. The codes at `position` state the number of these
  /// segments and the byte offset of the first one.
  private func repeatSegments(at position: inout Int, into entries: inout [UInt16]) throws(ImageError) {
    let parts = isBytes ? 4 : 2
    guard position + 1 + parts < codes.count else { throw Self.damaged }
    let count = codes[position + 1]
    let offset = codes[(position + 2)..<(position + 2 + parts)].reversed().reduce(0) { sum, part in
      sum << (isBytes ? 8 : 16) | Int(part)
    }
    position += 2 + parts
    var source = isBytes ? offset : offset / 2
    for _ in 0..<count {
      guard entries.count <= 1 << 16 else { throw Self.damaged }
      try appendSegment(at: &source, to: &entries)
    }
  }

  private static let damaged = ImageError(.malformed, "its segmented palette is damaged")
}
