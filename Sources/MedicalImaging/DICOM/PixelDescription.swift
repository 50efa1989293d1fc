/// A DICOM data set's description of its pixels (PS3.3, C.7.6.3).
struct PixelDescription: Sendable {
  let rows, columns, samples: Int
  let bitsAllocated, bitsStored: Int
  /// The number of unused bits below the stored bits: usually 0, but not in some files from before 1993.
  let lowBits: Int
  let isSigned: Bool
  let photometric: String
  /// Whether each sample has its own plane. Otherwise the samples of a pixel are stored together.
  let isPlanar: Bool
  let frames: Int
  let elementType: ElementType

  init(_ dataSet: DicomDataSet) throws(ImageError) {
    rows = try Self.positive(dataSet, .rows, "rows")
    columns = try Self.positive(dataSet, .columns, "columns")
    samples = dataSet.integer(.samplesPerPixel) ?? 1
    guard samples == 1 || samples == 3 || samples == 4 else {
      throw ImageError(.malformed, "declares \(samples) samples per pixel, expected 1, 3 or 4")
    }
    let stated = try dataSet.stated(.numberOfFrames, count: 1).first ?? 1
    guard let frames = Int(exactly: stated) else {
      throw ImageError(.malformed, "its \(DicomTag.numberOfFrames.label) is not a whole number")
    }
    self.frames = frames
    guard frames > 0 else { throw ImageError(.malformed, "declares \(frames) frames") }
    photometric = dataSet.text(.photometric) ?? (samples == 1 ? "MONOCHROME2" : "RGB")
    isPlanar = samples > 1 && dataSet.integer(.planarConfiguration) == 1
    bitsAllocated = try Self.positive(dataSet, .bitsAllocated, "bits allocated")
    bitsStored = dataSet.integer(.bitsStored) ?? bitsAllocated
    lowBits = (dataSet.integer(.highBit) ?? bitsStored - 1) + 1 - bitsStored
    isSigned = dataSet.integer(.pixelRepresentation) == 1
    guard (1...bitsAllocated).contains(bitsStored) else {
      throw ImageError(.malformed, "declares \(bitsStored) bits stored in \(bitsAllocated) allocated")
    }
    guard lowBits >= 0, lowBits + bitsStored <= bitsAllocated else {
      throw ImageError(
        .malformed, "declares \(bitsStored) bits stored that do not end at its high bit \(DicomTag.highBit)")
    }
    elementType = try Self.elementType(dataSet, bits: bitsAllocated, isSigned: isSigned)
    _ = try DeclaredSize.bytes([frames, rows, columns, samples], elementSize: elementType.size)
  }

  /// The number of values in a frame.
  var frameCount: Int { rows * columns * samples }
  /// The number of bytes in a decoded frame.
  var frameSize: Int { frameCount * elementType.size }
  /// Whether every pixel has a luminance, but only every second pixel a chrominance (PS3.3, C.7.6.3.1.2).
  var isSubsampled: Bool { photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422" }

  private static func positive(_ dataSet: DicomDataSet, _ tag: DicomTag, _ name: String) throws(ImageError)
    -> Int
  {
    guard let value = dataSet.integer(tag) else { throw ImageError(.malformed, "lacks its \(name) \(tag)") }
    guard value > 0 else { throw ImageError(.malformed, "declares \(value) \(name) \(tag)") }
    return value
  }

  private static func elementType(
    _ dataSet: DicomDataSet, bits: Int, isSigned: Bool
  ) throws(ImageError) -> ElementType {
    if dataSet[.floatPixels] != nil { return .float32 }
    if dataSet[.doublePixels] != nil { return .float64 }
    switch bits {
    case 1: return .uint8
    case 8: return isSigned ? .int8 : .uint8
    case 16: return isSigned ? .int16 : .uint16
    case 32: return isSigned ? .int32 : .uint32
    case 64: return isSigned ? .int64 : .uint64
    default:
      throw ImageError(
        .unsupported, "pixels of \(bits) bits allocated are not supported; expected 1, 8, 16, 32 or 64")
    }
  }
}
