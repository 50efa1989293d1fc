import Testing

@testable import MedicalImaging

struct DicomReaderTests {
  private func read(_ builder: DicomBuilder) throws -> Volume {
    try Fixtures.read(builder.file(), as: "image.dcm")
  }

  private func fault(_ builder: DicomBuilder) -> ImageError? {
    #expect(throws: ImageError.self) { try read(builder) }
  }

  @Test(arguments: [
    ("1.2.840.10008.1.2", false, false), ("1.2.840.10008.1.2.1", true, false),
    ("1.2.840.10008.1.2.2", true, true),
    // Explicit according to its transfer syntax, but actually implicit.
    ("1.2.840.10008.1.2.1", false, false),
  ])
  func eachEncodingGivesTheSameValues(_ syntax: String, _ isExplicit: Bool, _ isBigEndian: Bool) throws {
    var builder = DicomBuilder(transferSyntax: syntax, isExplicit: isExplicit, isBigEndian: isBigEndian)
    builder.describe(rows: 1, columns: 3, bits: 16, isSigned: true)
    let little: [UInt8] = [0x01, 0x00, 0xFE, 0xFF, 0x2C, 0x01]
    let big: [UInt8] = [0x00, 0x01, 0xFF, 0xFE, 0x01, 0x2C]
    builder.element(.pixelData, "OW", isBigEndian ? big : little)
    let volume = try read(builder)
    #expect(volume.floats() == [1, -2, 300])
    #expect(volume.voxels.bytes == little)
  }

  @Test func bytesWrittenAsBigEndianWordsAreSwapped() throws {
    var builder = DicomBuilder(transferSyntax: "1.2.840.10008.1.2.2", isBigEndian: true)
    builder.describe(rows: 1, columns: 3)
    builder.element(.pixelData, "OW", [2, 1, 0, 3])
    #expect(try read(builder).voxels.bytes == [1, 2, 3])
  }

  @Test func bitsAboveThoseStoredAreDropped() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, bits: 16, stored: 12, isSigned: true)
    builder.element(.pixelData, "OW", [0xFF, 0x0F, 0x01, 0xF0])
    #expect(try read(builder).floats() == [-1, 1])
  }

  @Test func planesBecomePixels() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, samples: 3, photometric: "RGB", isPlanar: true, frames: 2)
    builder.element(.pixelData, "OB", [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16])
    let volume = try read(builder)
    #expect(volume.shape == [2, 1, 2, 3])
    #expect(volume.voxels.bytes == [1, 3, 5, 2, 4, 6, 11, 13, 15, 12, 14, 16])
  }

  @Test func halfResolutionColourIsSharedByPixelPairs() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, samples: 3, photometric: "YBR_FULL_422")
    builder.element(.pixelData, "OB", [10, 20, 128, 129])
    #expect(try read(builder).voxels.bytes == [10, 128, 129, 20, 128, 129])
  }

  /// Files with separate colours for each pixel although the photometric interpretation shares colours
  /// between pixels, and files with sizes that the interpretation cannot describe.
  @Test(arguments: [
    ("YBR_FULL_422", 2, 8, 6, "colours for each pixel"), ("YBR_FULL_422", 3, 8, 8, "even number of columns"),
    ("YBR_FULL_422", 2, 16, 8, "16 bits allocated"), ("YBR_PARTIAL_422", 2, 8, 6, "colours for each pixel"),
  ])
  func colourOfUnexpectedResolutionIsRefused(
    _ photometric: String, _ columns: Int, _ bits: Int, _ length: Int, _ reason: String
  ) throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: columns, samples: 3, bits: bits, stored: 8, photometric: photometric)
    builder.element(.pixelData, "OB", [UInt8](repeating: 9, count: length))
    let error = #expect(throws: ImageError.self) { try read(builder) }
    #expect(error?.message.contains(reason) == true && error?.message.contains("(0028,0004)") == true)
  }

  @Test func bitsOfASegmentationContinueAcrossFrames() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 5, bits: 1, frames: 2)
    builder.element(.pixelData, "OB", [0b1010_0101, 0b10])
    #expect(try read(builder).voxels.bytes == [1, 0, 1, 0, 0, 1, 0, 1, 0, 1])
  }

  @Test func floatPixelsKeepTheirType() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 1, bits: 32)
    builder.element(.floatPixels, "OF", [0, 0, 0x20, 0x41])
    let volume = try read(builder)
    #expect(volume.voxels.type == .float32 && volume.floats() == [10])
  }

  @Test func runLengthFramesAreUnpacked() throws {
    var builder = DicomBuilder(transferSyntax: "1.2.840.10008.1.2.5")
    builder.describe(rows: 1, columns: 4, bits: 16)
    // Two segments, high bytes then low: four times 1; then 5, 6 and twice 7.
    var frame = [UInt8](repeating: 0, count: 64)
    (frame[0], frame[4], frame[8]) = (2, 64, 66)
    frame += [0xFD, 1, 1, 5, 6, 0xFF, 7, 0x80]
    builder.fragments([frame])
    #expect(try read(builder).floats() == [261, 262, 263, 263])
  }

  @Test func geometryAndRescaleAreThoseStated() throws {
    var builder = DicomBuilder()
    builder.text(.sliceThickness, "DS", "3")
    builder.text(.imagePosition, "DS", "-10\\20\\30.5")
    builder.text(.imageOrientation, "DS", "0\\1\\0\\0\\0\\-1")
    builder.describe(rows: 1, columns: 2)
    builder.text(.pixelSpacing, "DS", "0.5\\0.25")
    builder.text(.rescaleIntercept, "DS", "-1024")
    builder.text(.rescaleSlope, "DS", "2")
    builder.element(.pixelData, "OB", [0, 10])
    let volume = try read(builder)
    #expect(volume.geometry.spacing == [0.25, 0.5, 3])
    #expect(volume.geometry.origin == [-10, 20, 30.5])
    #expect(volume.geometry.direction == .init(x: [0, 1, 0], y: [0, 0, -1], z: [-1, 0, 0]))
    #expect(volume.floats() == [-1024, -1004])
  }

  @Test func errorsNameTheProblem() {
    var missing = DicomBuilder()
    missing.describe(rows: 4, columns: 4)
    #expect(fault(missing)?.message == "image.dcm: is a DICOM file without pixel data, not an image")

    var short = DicomBuilder()
    short.describe(rows: 4, columns: 4)
    short.element(.pixelData, "OB", [1, 2, 3, 4], length: 16)
    #expect(
      fault(short)?.message == "image.dcm: ends early: the pixel data need 16 bytes, but only 4 are left")

    var huge = DicomBuilder()
    huge.describe(rows: 65_535, columns: 65_535, bits: 64, frames: 2_000_000_000)
    huge.element(.pixelData, "OB", [1, 2, 3, 4])
    #expect(fault(huge)?.code == .malformed)

    var video = DicomBuilder(transferSyntax: "1.2.840.10008.1.2.4.102")
    video.describe(rows: 1, columns: 1)
    #expect(fault(video)?.code == .unsupported)

    var open = DicomBuilder(transferSyntax: "1.2.840.10008.1.2.4.50")
    open.describe(rows: 8, columns: 8)
    open.fragments([[0xFF, 0xD8]], isClosed: false)
    #expect(fault(open)?.message.contains("end early, before their sequence delimiter") == true)

    var bare = DicomBuilder()
    bare.text(.sopClass, "UI", "1.2.3")
    let error = #expect(throws: ImageError.self) { try Fixtures.read(bare.bareDataSet(), as: "bare.dcm") }
    #expect(error?.message.contains("without file meta information") == true)
  }

  @Test func aJPEGOfAnotherSizeThanDeclaredIsRefused() throws {
    var builder = DicomBuilder(transferSyntax: "1.2.840.10008.1.2.4.50")
    builder.describe(rows: 24, columns: 33)
    builder.fragments([try Fixtures.bytes("grey.jpg")])
    #expect(
      fault(builder)?.message.contains("the compressed image is 24×32×1, its header declares 24×33×1") == true
    )
  }

  @Test func aDamagedJPEGIsRefusedAndAWholeOneRead() throws {
    var builder = DicomBuilder(transferSyntax: "1.2.840.10008.1.2.4.50")
    builder.describe(rows: 24, columns: 32)
    var cut = builder
    let jpeg = try Fixtures.bytes("grey.jpg")
    builder.fragments([jpeg])
    cut.fragments([Array(jpeg.prefix(jpeg.count - 40))])
    let expected = try #require(Fixtures.expected.raster["grey.jpg"])
    #expect(greatestDifference(try read(builder).floats(), expected.values) <= 2)
    #expect(fault(cut)?.message.contains("frame 1 of 1") == true)
  }

  @Test func sequencesNestedWithoutEndAreRefused() {
    var builder = DicomBuilder()
    var value: [UInt8] = []
    for _ in 0..<10_000 {
      value +=
        [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF] + [0x08, 0, 0x40, 0x11] + Array("SQ".utf8) + [0, 0]
      value += [0xFF, 0xFF, 0xFF, 0xFF]
    }
    builder.element(.perFrameGroups, "SQ", value, length: .max)
    #expect(fault(builder)?.message.contains("nested more than") == true)
  }
}
