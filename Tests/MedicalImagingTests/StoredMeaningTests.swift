import Testing

@testable import MedicalImaging

/// DICOM's stored values as training sees them; expected numbers come from pydicom and SimpleITK.
struct StoredMeaningTests {
  private func read(_ builder: DicomBuilder) throws -> Volume {
    try Fixtures.read(builder.file(), as: "image.dcm")
  }

  private func values(_ builder: DicomBuilder) throws -> [Float] {
    try read(builder).interpreted().floats()
  }

  private func refusal(_ builder: DicomBuilder) throws -> String {
    let volume = try read(builder)
    let error = #expect(throws: ImageError.self) { try FloatImage(volume) }
    #expect(volume.meaning.note?.contains("training refuses this image") == true)
    return error?.message ?? ""
  }

  private func grey(
    _ photometric: String, _ pixels: [UInt8], stored: Int = 12, isSigned: Bool = false,
    _ more: (inout DicomBuilder) -> Void = { _ in }
  ) -> DicomBuilder {
    var builder = DicomBuilder()
    builder.describe(
      rows: 1, columns: pixels.count / 2, bits: 16, stored: stored, isSigned: isSigned,
      photometric: photometric)
    more(&builder)
    builder.element(.pixelData, "OW", pixels)
    return builder
  }

  /// The expected values 4095, 4094, 3995 and 0 come from SimpleITK.
  @Test func monochrome1IsTheComplementWithinItsBits() throws {
    let builder = grey("MONOCHROME1", [0, 0, 1, 0, 100, 0, 0xFF, 0x0F])
    #expect(try values(builder) == [4095, 4094, 3995, 0])
    #expect(try read(builder).floats() == [0, 1, 100, 4095])
    #expect(try FloatImage(read(builder)).values == [4095, 4094, 3995, 0])
  }

  /// The expected values 8090, 8088, 7890 and -100 come from SimpleITK.
  @Test func monochrome1IsInvertedBeforeItsRescale() throws {
    let builder = grey("MONOCHROME1", [0, 0, 1, 0, 100, 0, 0xFF, 0x0F]) {
      $0.text(.rescaleIntercept, "DS", "-100")
      $0.text(.rescaleSlope, "DS", "2")
      $0.text(.rescaleType, "LO", "US")
    }
    #expect(try values(builder) == [8090, 8088, 7890, -100])
  }

  @Test func signedMonochrome1IsTheComplementOfTheWholeNumber() throws {
    // The stored values are -2048, -1, 0 and 2047.
    let builder = grey("MONOCHROME1", [0, 0xF8, 0xFF, 0xFF, 0, 0, 0xFF, 0x07], isSigned: true)
    #expect(try values(builder) == [2047, 0, -1, -2048])
  }

  /// An overlay in the high bits is ignored.
  @Test func bitsAboveThoseStoredAreNotInverted() throws {
    #expect(try values(grey("MONOCHROME1", [0, 0x80, 0xFF, 0xFF])) == [4095, 0])
  }

  @Test func aPhysicalQuantityIsNotInverted() throws {
    let builder = grey("MONOCHROME1", [0, 0]) { $0.text(.rescaleType, "LO", "HU") }
    #expect(try refusal(builder).contains("physical quantity"))
  }

  /// PS3.3, C.8.2.1: a CT image without a rescale type holds Hounsfield units.
  @Test func aRescaledCTIsNotInverted() throws {
    func ct(_ photometric: String, intercept: String?) -> DicomBuilder {
      grey(photometric, [0, 0]) {
        $0.text(.sopClass, "UI", "1.2.840.10008.5.1.4.1.1.2")
        if let intercept { $0.text(.rescaleIntercept, "DS", intercept) }
      }
    }
    #expect(try refusal(ct("MONOCHROME1", intercept: "-1024")).contains("Hounsfield units"))
    #expect(try FloatImage(read(ct("MONOCHROME2", intercept: "-1024"))).values == [-1024])
    #expect(try values(ct("MONOCHROME1", intercept: nil)) == [4095])
  }

  @Test(arguments: [("MONOCHROME2", "INVERSE"), ("MONOCHROME1", "IDENTITY")])
  func aPresentationShapeThatContradictsIsRefused(_ photometric: String, _ shape: String) throws {
    let message = try refusal(grey(photometric, [0, 0]) { $0.text(.presentationShape, "CS", shape) })
    #expect(message.contains(photometric) && message.contains(shape))
  }

  @Test(arguments: ["HSV", "ARGB", "CMYK"])
  func retiredInterpretationsAreRefusedByName(_ name: String) throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 1, samples: 4, photometric: name)
    builder.element(.pixelData, "OB", [1, 2, 3, 4])
    #expect(try refusal(builder).contains("photometric interpretation \(name) (0028,0004) is not supported"))
  }

  @Test func anUnknownInterpretationIsRefusedWithoutItsText() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, photometric: "SECRET")
    builder.element(.pixelData, "OB", [1, 2])
    let message = try refusal(builder)
    #expect(message.contains("(0028,0004) is not supported") && !message.contains("SECRET"))
  }

  /// The expected values come from pydicom's `convert_color_space`, which rounds down. This code rounds to
  /// the nearest integer.
  @Test func yCbCrIsConvertedToRGB() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 6, samples: 3, photometric: "YBR_FULL")
    builder.element(
      .pixelData, "OB", [76, 85, 255, 150, 44, 21, 29, 255, 107, 120, 100, 180, 255, 128, 128, 16, 128, 128])
    let expected: [Float] = [254, 0, 0, 0, 255, 1, 0, 0, 254, 193, 93, 70, 255, 255, 255, 16, 16, 16]
    #expect(zip(try values(builder), expected).allSatisfy { abs($0 - $1) <= 1 })
  }

  /// ITU-R BT.601: 16 is black and 235 white.
  @Test func videoRangeIsExpandedToTheFullRange() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, samples: 3, photometric: "YBR_PARTIAL_422")
    builder.element(.pixelData, "OB", [16, 235, 128, 128])
    #expect(try values(builder) == [0, 0, 0, 255, 255, 255])
  }

  @Test func interpretationOfJPEG2000IsRefusedForUncompressedPixels() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 1, samples: 3, photometric: "YBR_RCT")
    builder.element(.pixelData, "OB", [1, 2, 3, 0])
    #expect(try refusal(builder).contains("YBR_RCT"))
  }

  private func palette(
    _ pixels: [UInt8], first: Int = 0, bits: Int = 16, _ tables: [[UInt8]], segments: Bool = false
  ) -> DicomBuilder {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: pixels.count, photometric: "PALETTE COLOR")
    let count = segments ? 11 : tables[0].count / (bits == 8 ? 1 : 2)
    for tag in [DicomTag.redTableDescriptor, .greenTableDescriptor, .blueTableDescriptor] {
      builder.element(tag, "US", [UInt8(count), 0, UInt8(first), 0, UInt8(bits), 0])
    }
    let tags =
      segments
      ? [DicomTag.redSegments, .greenSegments, .blueSegments] : [.redTable, .greenTable, .blueTable]
    for (tag, table) in zip(tags, tables) { builder.element(tag, "OW", table) }
    builder.element(.pixelData, "OB", pixels)
    return builder
  }

  @Test func paletteColoursAreReducedToTheImagesEightBits() throws {
    // The colours 200, 30 and 10, each stored as 257 times its value.
    let builder = palette([0, 1, 1, 0], [[0, 0, 200, 200], [0, 0, 30, 30], [0, 0, 10, 10]])
    let image = try FloatImage(read(builder))
    #expect(image.channels == 3 && image.values == [0, 200, 200, 0, 0, 30, 30, 0, 0, 10, 10, 0])
    #expect(try read(builder).asLabels().floats() == [0, 1, 1, 0])
  }

  @Test func valuesOutsideThePaletteTakeItsEndEntries() throws {
    let table: [UInt8] = [7, 9]
    let builder = palette([0, 5, 6, 99], first: 5, bits: 8, [table, table, table])
    #expect(try FloatImage(read(builder), channels: 1).values == [7, 7, 9, 9])
  }

  /// The expected values come from pydicom's `_expand_segmented_lut`. The segments are discrete, linear, a
  /// repetition of both, and discrete.
  @Test func segmentedPalettesAreExpanded() throws {
    let words: [UInt16] = [0, 3, 10, 20, 30, 1, 4, 51, 2, 2, 0, 0, 0, 1, 7]
    let bytes: [UInt8] = words.flatMap { [UInt8($0), UInt8(0)] }
    let builder = palette(Array(0..<11) + [10], [bytes, bytes, bytes], segments: true)
    let expected: [Float] = [10, 20, 30, 35, 40, 46, 51, 10, 20, 30, 35, 35]
    #expect(try FloatImage(read(builder), channels: 1).values == expected)
  }

  @Test func aPaletteThatIsTooShortIsRefused() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, photometric: "PALETTE COLOR")
    builder.element(.redTableDescriptor, "US", [4, 0, 0, 0, 16, 0])
    builder.element(.redTable, "OW", [1, 0, 2, 0])
    builder.element(.pixelData, "OB", [0, 1])
    #expect(try refusal(builder).contains("holds 2 entries"))
  }

  @Test func monochrome1MaskIsRefused() throws {
    #expect(throws: ImageError.self) { try read(grey("MONOCHROME1", [0, 0])).asLabels() }
  }

  @Test func modalityTableReplacesSlopeAndIntercept() throws {
    let item =
      Self.element(0x3002, [3, 0, 1, 0, 16, 0]) + Self.element(0x3006, [100, 0, 0x2C, 1, 0, 0x10])
    let builder = grey("MONOCHROME2", [0, 0, 1, 0, 2, 0, 9, 0]) {
      $0.element(.modalityTables, "SQ", DicomBuilder.item(item))
    }
    #expect(try values(builder) == [100, 100, 300, 4096])
    let inverted = grey("MONOCHROME1", [1, 0]) {
      $0.element(.modalityTables, "SQ", DicomBuilder.item(item))
    }
    #expect(try values(inverted) == [65435])
  }

  private static func element(_ number: Int, _ value: [UInt8]) -> [UInt8] {
    [0x28, 0, UInt8(number & 0xFF), UInt8(number >> 8)] + Array("US".utf8) + [UInt8(value.count), 0] + value
  }

  @Test func unusedLowBitsOfOldFilesAreShiftedOut() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 1, bits: 16, stored: 12)
    builder.number(.highBit, 15)
    builder.element(.pixelData, "OW", [0x3F, 0x12])
    #expect(try read(builder).floats() == [0x123])
  }
}
