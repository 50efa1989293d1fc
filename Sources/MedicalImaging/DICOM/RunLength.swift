/// DICOM's run-length compression: one segment for each byte of each sample, the most significant first
/// (PS3.5, annex G).
enum RunLength {
  /// A frame's values, little-endian. The samples of a pixel are stored together.
  static func decode(_ frame: [UInt8], _ description: PixelDescription) throws(ImageError) -> [UInt8] {
    guard frame.count >= 64 else { throw .short("the run-length header", expected: 64, found: frame.count) }
    let fields = ByteFields(bytes: frame, isBigEndian: false)
    let size = description.elementType.size
    let expected = size * description.samples
    let segments = Int(fields.integer(UInt32.self, at: 0))
    guard segments == expected, segments <= 15 else {
      throw ImageError(.malformed, "a run-length frame has \(segments) segments, expected \(expected)")
    }
    var bounds = (0..<segments).map { Int(fields.integer(UInt32.self, at: 4 + $0 * 4)) }
    bounds.append(frame.count)
    var values = [UInt8](repeating: 0, count: description.frameSize)
    for segment in 0..<segments {
      guard bounds[segment] >= 64, bounds[segment] <= bounds[segment + 1], bounds[segment + 1] <= frame.count
      else {
        throw ImageError(.malformed, "the offsets of a run-length frame's segments lie outside the frame")
      }
      let (sample, byte) = (segment / size, size - 1 - segment % size)
      try unpack(
        frame[bounds[segment]..<bounds[segment + 1]], into: &values, from: sample * size + byte,
        stride: size * description.samples)
    }
    return values
  }

  /// Expands PackBits. A count below 128 copies the following bytes, a count above 128 repeats the next byte,
  /// and 128 does nothing.
  private static func unpack(
    _ segment: ArraySlice<UInt8>, into values: inout [UInt8], from start: Int, stride: Int
  ) throws(ImageError) {
    var (at, to) = (segment.startIndex, start)
    while at < segment.endIndex, to < values.count {
      let count = Int(segment[at])
      at += 1
      if count < 128 {
        for byte in segment[at...].prefix(count + 1) where to < values.count {
          values[to] = byte
          to += stride
        }
        at += count + 1
      } else if count > 128, at < segment.endIndex {
        for _ in 0..<(257 - count) where to < values.count {
          values[to] = segment[at]
          to += stride
        }
        at += 1
      }
    }
    guard to >= values.count else {
      throw ImageError(.malformed, "a run-length segment ends before its frame is full")
    }
  }
}
