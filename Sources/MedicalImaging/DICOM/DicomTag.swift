/// A DICOM data element's tag: group in the upper, element in the lower 16 bits.
struct DicomTag: Hashable, Sendable, CustomStringConvertible {
  let code: UInt32

  init(_ group: UInt16, _ element: UInt16) { code = UInt32(group) << 16 | UInt32(element) }

  var group: UInt16 { UInt16(code >> 16) }

  var description: String {
    let digits = String(code, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return "(\(padded.prefix(4)),\(padded.suffix(4)))"
  }

  static let transferSyntax = Self(0x0002, 0x0010)
  static let directoryRecords = Self(0x0004, 0x1220)
  static let sopClass = Self(0x0008, 0x0016)
  static let modality = Self(0x0008, 0x0060)
  static let sliceThickness = Self(0x0018, 0x0050)
  static let spacingBetweenSlices = Self(0x0018, 0x0088)
  static let imagerPixelSpacing = Self(0x0018, 0x1164)
  static let seriesInstance = Self(0x0020, 0x000E)
  static let imagePosition = Self(0x0020, 0x0032)
  static let imageOrientation = Self(0x0020, 0x0037)
  static let planePosition = Self(0x0020, 0x9113)
  static let planeOrientation = Self(0x0020, 0x9116)
  static let samplesPerPixel = Self(0x0028, 0x0002)
  static let photometric = Self(0x0028, 0x0004)
  static let planarConfiguration = Self(0x0028, 0x0006)
  static let numberOfFrames = Self(0x0028, 0x0008)
  static let rows = Self(0x0028, 0x0010)
  static let columns = Self(0x0028, 0x0011)
  static let pixelSpacing = Self(0x0028, 0x0030)
  static let bitsAllocated = Self(0x0028, 0x0100)
  static let bitsStored = Self(0x0028, 0x0101)
  static let pixelRepresentation = Self(0x0028, 0x0103)
  static let rescaleIntercept = Self(0x0028, 0x1052)
  static let rescaleSlope = Self(0x0028, 0x1053)
  static let lossyCompression = Self(0x0028, 0x2110)
  static let pixelMeasures = Self(0x0028, 0x9110)
  static let pixelValueTransformation = Self(0x0028, 0x9145)
  static let gridFrameOffsets = Self(0x3004, 0x000C)
  static let doseGridScaling = Self(0x3004, 0x000E)
  static let sharedGroups = Self(0x5200, 0x9229)
  static let perFrameGroups = Self(0x5200, 0x9230)
  static let extendedOffsets = Self(0x7FE0, 0x0001)
  static let extendedLengths = Self(0x7FE0, 0x0002)
  static let floatPixels = Self(0x7FE0, 0x0008)
  static let doublePixels = Self(0x7FE0, 0x0009)
  static let pixelData = Self(0x7FE0, 0x0010)
  static let item = Self(0xFFFE, 0xE000)
  static let itemEnd = Self(0xFFFE, 0xE00D)
  static let sequenceEnd = Self(0xFFFE, 0xE0DD)
}
