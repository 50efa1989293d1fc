import Foundation
import Testing

@testable import MedicalImaging

/// Pixels that a DICOM file states to be padding (PS3.3, C.7.5.1.1.2); expected values were computed by hand.
struct StoredPaddingTests {
  /// One row of pixels of 16 bits.
  private func grey(
    _ pixels: [Int], stored: Int = 16, isSigned: Bool = true, photometric: String = "MONOCHROME2",
    _ more: (inout DicomBuilder) -> Void
  ) -> DicomBuilder {
    var builder = DicomBuilder()
    builder.describe(
      rows: 1, columns: pixels.count, bits: 16, stored: stored, isSigned: isSigned, photometric: photometric)
    more(&builder)
    builder.element(.pixelData, "OW", pixels.flatMap { Self.word($0) })
    return builder
  }

  private static func word(_ value: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }

  private func values(_ builder: DicomBuilder) throws -> [Float?] {
    try FloatImage(Fixtures.read(builder.file(), as: "image.dcm")).values.map { $0.isNaN ? nil : $0 }
  }

  /// A CT slice, whose corners lie outside of the circle of reconstruction. Many files state -2000 as 63536.
  @Test(arguments: [("SS", -2000), ("US", 63536), ("US", -2000)])
  func paddingIsNotMeasured(_ vr: String, _ value: Int) throws {
    let builder = grey([-2000, -1000, 0, 40]) {
      $0.element(.paddingValue, vr, Self.word(value))
      $0.text(.rescaleIntercept, "DS", "-24")
    }
    #expect(try values(builder) == [nil, -1024, -24, 16])
    let stored = try Fixtures.read(builder.file(), as: "image.dcm")
    #expect(stored.floats() == [-2024, -1024, -24, 16])
    #expect(stored.source.hasPadding)
    let inspection = ImageInspection(stored, file: "image.dcm")
    #expect(inspection.training == "training sees pixel padding (0028,0120) as not measured")
    #expect(inspection.storedRange == [-2000, 40])
  }

  /// Value and limit are both included, in either order.
  @Test(arguments: [(100, 103), (103, 100)]) func allValuesUpToTheLimitArePadding(_ value: Int, _ limit: Int)
    throws
  {
    let builder = grey([99, 100, 101, 103, 104], isSigned: false) {
      $0.number(.paddingValue, value)
      $0.number(.paddingLimit, limit)
    }
    #expect(try values(builder) == [99, nil, nil, nil, 104])
  }

  /// A mammogram's background is stored as 0, which MONOCHROME1 shows white.
  @Test func paddingOfMonochrome1IsNotInverted() throws {
    let builder = grey([0, 1, 4095], stored: 12, isSigned: false, photometric: "MONOCHROME1") {
      $0.number(.paddingValue, 0)
    }
    #expect(try values(builder) == [nil, 4094, 0])
  }

  /// The background of an MR image, which steps with `nonzero` leave out.
  @Test func paddingOfZeroStaysTheBackground() throws {
    #expect(try values(grey([0, 5, 9]) { $0.number(.paddingValue, 0) }) == [0, 5, 9])
    #expect(try values(grey([0, -5, 9]) { $0.number(.paddingValue, 0) }) == [nil, -5, 9])
  }

  @Test func paddingOutsideThePixelRangeIsIgnored() throws {
    let builder = grey([0, 4095], stored: 12, isSigned: false) { $0.number(.paddingValue, 63536) }
    #expect(try values(builder) == [0, 4095])
  }

  @Test func fileWithoutPaddedPixelsIsUnchanged() throws {
    let builder = grey([-5, 7]) { $0.number(.paddingValue, 63536) }
    let stored = try Fixtures.read(builder.file(), as: "image.dcm")
    #expect(try values(builder) == [-5, 7])
    #expect(!stored.source.hasPadding && ImageInspection(stored, file: "image.dcm").training == nil)
  }

  @Test func paddingOfTwoNumbersIsRefused() throws {
    let volume = try Fixtures.read(
      grey([1, 2]) { $0.element(.paddingValue, "US", [1, 0, 2, 0]) }.file(), as: "image.dcm")
    let error = #expect(throws: ImageError.self) { try FloatImage(volume) }
    #expect(error?.message.contains("pixel padding value (0028,0120) is not one number") == true)
  }

  @Test func floatPaddingHasItsOwnAttribute() throws {
    var builder = DicomBuilder()
    builder.describe(rows: 1, columns: 2, bits: 32)
    builder.number(.paddingValue, 1)
    builder.element(.floatPaddingValue, "FL", [0, 0, 0xC8, 0xC2])
    // The pixels 1 and -100.
    builder.element(.floatPixels, "OF", [0, 0, 0x80, 0x3F, 0, 0, 0xC8, 0xC2])
    #expect(try values(builder) == [1, nil])
  }

  @Test func codesOfMasksAreNeverPadding() throws {
    let mask = try Fixtures.read(grey([0, 1, -1]) { $0.number(.paddingValue, 1) }.file(), as: "mask.dcm")
    #expect(try mask.asLabels().floats() == [0, 1, -1])
  }

  /// Slices with the same scale stay as stored. Slices with different scales, such as PET slices, are
  /// converted to numbers first.
  @Test(arguments: [("1", "1", [nil, -7, 3, 4]), ("1", "2", [nil, -7, 6, 8])])
  func paddingOfASeriesIsNotMeasured(_ first: String, _ second: String, _ expected: [Float?]) throws {
    let volume = try Fixtures.withTemporaryFolder { folder in
      for (index, slope) in [first, second].enumerated() {
        var builder = DicomBuilder()
        builder.text(.imagePosition, "DS", "0\\0\\\(index)")
        builder.text(.imageOrientation, "DS", "1\\0\\0\\0\\1\\0")
        builder.describe(rows: 1, columns: 2, bits: 16, isSigned: true)
        builder.text(.pixelSpacing, "DS", "1\\1")
        builder.element(.paddingValue, "SS", Self.word(-99))
        builder.text(.rescaleIntercept, "DS", "0")
        builder.text(.rescaleSlope, "DS", slope)
        builder.element(.pixelData, "OW", [[-99, -7], [3, 4]][index].flatMap { Self.word($0) })
        try Data(builder.file()).write(to: URL(fileURLWithPath: "\(folder)/\(index).dcm"))
      }
      return try Volume.read(folder)
    }
    #expect(volume.source.hasPadding)
    #expect(try FloatImage(volume).values.map { $0.isNaN ? nil : $0 } == expected)
  }
}
