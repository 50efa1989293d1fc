/// The tag of a DICOM data element. The upper 16 bits are the group number, the lower 16 bits the element
/// number.
struct DicomTag: Hashable, Sendable, CustomStringConvertible {
  let code: UInt32

  init(_ group: UInt16, _ element: UInt16) { code = UInt32(group) << 16 | UInt32(element) }

  var group: UInt16 { UInt16(code >> 16) }

  var description: String {
    let digits = String(code, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return "(\(padded.prefix(4)),\(padded.suffix(4)))"
  }

  /// The name and the tag number of an attribute, for messages.
  var label: String { Self.names[self].map { "\($0) \(self)" } ?? description }

  private static let names: [Self: String] = [
    .sliceThickness: "slice thickness", .spacingBetweenSlices: "spacing between slices",
    .imagerPixelSpacing: "imager pixel spacing", .pixelSpacing: "pixel spacing",
    .imagePosition: "image position", .imageOrientation: "image orientation",
    .rescaleSlope: "rescale slope", .rescaleIntercept: "rescale intercept",
    .doseGridScaling: "dose grid scaling", .gridFrameOffsets: "grid frame offset vector",
    .numberOfFrames: "number of frames", .modalityTables: "modality LUT sequence",
    .redTableDescriptor: "red palette descriptor", .greenTableDescriptor: "green palette descriptor",
    .blueTableDescriptor: "blue palette descriptor", .tableDescriptor: "LUT descriptor",
    .echoTime: "echo time", .echoNumber: "echo number", .inversionTime: "inversion time",
    .flipAngle: "flip angle", .triggerTime: "trigger time", .temporalPosition: "temporal position",
    .acquisition: "acquisition number", .diffusionWeight: "diffusion b-value", .kernel: "convolution kernel",
    .imageType: "image type", .acquisitionTime: "acquisition time", .contentTime: "content time",
    .instance: "instance number", .paddingValue: "pixel padding value",
    .paddingLimit: "pixel padding range limit", .floatPaddingValue: "float pixel padding value",
    .floatPaddingLimit: "float pixel padding range limit",
    .doublePaddingValue: "double float pixel padding value",
    .doublePaddingLimit: "double float pixel padding range limit",
  ]

  static let transferSyntax = Self(0x0002, 0x0010)
  static let directoryRecords = Self(0x0004, 0x1220)
  static let imageType = Self(0x0008, 0x0008)
  static let acquisitionTime = Self(0x0008, 0x0032)
  static let contentTime = Self(0x0008, 0x0033)
  static let patient = Self(0x0010, 0x0020)
  static let inversionTime = Self(0x0018, 0x0082)
  static let echoTime = Self(0x0018, 0x0081)
  static let echoNumber = Self(0x0018, 0x0086)
  static let triggerTime = Self(0x0018, 0x1060)
  static let kernel = Self(0x0018, 0x1210)
  static let flipAngle = Self(0x0018, 0x1314)
  static let diffusionWeight = Self(0x0018, 0x9087)
  static let acquisition = Self(0x0020, 0x0012)
  static let instance = Self(0x0020, 0x0013)
  static let studyInstance = Self(0x0020, 0x000D)
  static let frameOfReference = Self(0x0020, 0x0052)
  static let temporalPosition = Self(0x0020, 0x0100)
  static let sopClass = Self(0x0008, 0x0016)
  static let instanceUID = Self(0x0008, 0x0018)
  static let studyDate = Self(0x0008, 0x0020)
  static let seriesDate = Self(0x0008, 0x0021)
  static let acquisitionDate = Self(0x0008, 0x0022)
  static let referencedSeries = Self(0x0008, 0x1115)
  static let referencedInstances = Self(0x0008, 0x114A)
  static let referencedInstance = Self(0x0008, 0x1155)
  static let otherExaminations = Self(0x0008, 0x1200)
  static let sourceImages = Self(0x0008, 0x2112)
  static let derivationImages = Self(0x0008, 0x9124)
  static let identityRemoved = Self(0x0012, 0x0062)
  static let deidentification = Self(0x0012, 0x0063)
  static let deidentificationCodes = Self(0x0012, 0x0064)
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
  static let highBit = Self(0x0028, 0x0102)
  static let pixelRepresentation = Self(0x0028, 0x0103)
  static let paddingValue = Self(0x0028, 0x0120)
  static let paddingLimit = Self(0x0028, 0x0121)
  static let floatPaddingValue = Self(0x0028, 0x0122)
  static let doublePaddingValue = Self(0x0028, 0x0123)
  static let floatPaddingLimit = Self(0x0028, 0x0124)
  static let doublePaddingLimit = Self(0x0028, 0x0125)
  static let rescaleIntercept = Self(0x0028, 0x1052)
  static let rescaleSlope = Self(0x0028, 0x1053)
  static let rescaleType = Self(0x0028, 0x1054)
  static let redTableDescriptor = Self(0x0028, 0x1101)
  static let greenTableDescriptor = Self(0x0028, 0x1102)
  static let blueTableDescriptor = Self(0x0028, 0x1103)
  static let redTable = Self(0x0028, 0x1201)
  static let greenTable = Self(0x0028, 0x1202)
  static let blueTable = Self(0x0028, 0x1203)
  static let redSegments = Self(0x0028, 0x1221)
  static let greenSegments = Self(0x0028, 0x1222)
  static let blueSegments = Self(0x0028, 0x1223)
  static let modalityTables = Self(0x0028, 0x3000)
  static let tableDescriptor = Self(0x0028, 0x3002)
  static let tableData = Self(0x0028, 0x3006)
  static let presentationShape = Self(0x2050, 0x0020)
  static let lossyCompression = Self(0x0028, 0x2110)
  static let pixelMeasures = Self(0x0028, 0x9110)
  static let pixelValueTransformation = Self(0x0028, 0x9145)
  static let gridFrameOffsets = Self(0x3004, 0x000C)
  static let doseGridScaling = Self(0x3004, 0x000E)
  static let segmentationType = Self(0x0062, 0x0001)
  static let segmentIdentification = Self(0x0062, 0x000A)
  static let referencedSegment = Self(0x0062, 0x000B)
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
