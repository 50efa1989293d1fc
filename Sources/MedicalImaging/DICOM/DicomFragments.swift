/// Compressed pixel data: an offset table, then fragments that together form the frames (PS3.5, A.4).
struct DicomFragments {
  /// The byte range of each fragment.
  private(set) var fragments: [Range<Int>] = []
  /// The basic offset table: the offset of each frame's first fragment, counted from the item of the first
  /// fragment.
  private(set) var offsets: [Int] = []
  /// Whether the fragments are incomplete: their end marker is missing.
  private(set) var isCutShort = true

  /// Reads the items from `position` and moves it past them.
  static func scan(_ bytes: [UInt8], position: inout Int, end: Int) -> Self {
    let fields = ByteFields(bytes: bytes, isBigEndian: false)
    var result = Self()
    var isFirst = true
    while position + 8 <= end {
      let tag = DicomTag(
        fields.integer(UInt16.self, at: position), fields.integer(UInt16.self, at: position + 2))
      let length = Int(fields.integer(UInt32.self, at: position + 4))
      if tag == .sequenceEnd {
        position += 8
        result.isCutShort = false
        return result
      }
      guard tag == .item, position + 8 + length <= end else { return result }
      let value = (position + 8)..<(position + 8 + length)
      if isFirst {
        result.offsets = (0..<length / 4).map {
          Int(fields.integer(UInt32.self, at: value.lowerBound + $0 * 4))
        }
      } else {
        result.fragments.append(value)
      }
      isFirst = false
      position = value.upperBound
    }
    return result
  }

  /// For each frame, the byte ranges of its fragments.
  ///
  /// Uses the extended or basic offset table if there is one. Without a table, a single frame gets all
  /// fragments. Several frames get one fragment each if there are as many fragments as frames.
  ///
  /// Otherwise, each end-of-image marker ends a frame. All frames found are then returned, even if there are
  /// more than declared.
  func frames(declared: Int, extendedOffsets: [Int], in bytes: [UInt8]) throws(ImageError) -> [[Range<Int>]] {
    guard !fragments.isEmpty else {
      throw ImageError(.malformed, "its compressed pixel data hold no fragments")
    }
    let starts = extendedOffsets.isEmpty ? offsets : extendedOffsets
    if !starts.isEmpty { return try frames(startingAt: starts) }
    if declared == 1 { return [fragments] }
    if fragments.count == declared { return fragments.map { [$0] } }
    return framesByMarker(bytes)
  }

  private func frames(startingAt starts: [Int]) throws(ImageError) -> [[Range<Int>]] {
    let base = fragments[0].lowerBound - 8
    var frames: [[Range<Int>]] = []
    var next = 0
    for fragment in fragments {
      if next < starts.count, fragment.lowerBound - 8 - base == starts[next] {
        frames.append([])
        next += 1
      }
      guard !frames.isEmpty else { break }
      frames[frames.count - 1].append(fragment)
    }
    guard next == starts.count else {
      throw ImageError(.malformed, "the offset table of its compressed frames does not fit the frames")
    }
    return frames
  }

  /// For each frame, the byte ranges of its fragments. A frame ends with a fragment whose last bytes hold the
  /// marker FFD9, the end of a JPEG, JPEG-LS or JPEG 2000 image.
  private func framesByMarker(_ bytes: [UInt8]) -> [[Range<Int>]] {
    var frames: [[Range<Int>]] = [[]]
    for fragment in fragments {
      frames[frames.count - 1].append(fragment)
      let tail = bytes[fragment].suffix(10)
      if zip(tail, tail.dropFirst()).contains(where: { $0 == 0xFF && $1 == 0xD9 }) { frames.append([]) }
    }
    return frames.filter { !$0.isEmpty }
  }
}
