import Testing

@testable import MedicalImaging

/// A number that cannot be read is refused, naming file and attribute; it never becomes 1, 0 or a unit
/// direction.
struct DicomNumberTests {
  private func file(_ tag: DicomTag, _ text: String) -> DicomBuilder {
    var builder = DicomBuilder()
    builder.text(tag, "DS", text)
    builder.describe(rows: 1, columns: 2)
    builder.element(.pixelData, "OB", [1, 2])
    return builder
  }

  private func read(_ builder: DicomBuilder) throws -> Volume {
    try Fixtures.read(builder.file(), as: "image.dcm")
  }

  @Test(
    arguments: [
      (.rescaleSlope, "2,5"), (.rescaleSlope, "two"), (.rescaleSlope, "1\\2"), (.rescaleSlope, ""),
      (.rescaleSlope, "nan"), (.rescaleSlope, "0x1p3"), (.rescaleSlope, "1e999"), (.rescaleSlope, "0"),
      (.rescaleIntercept, "-1024,0"), (.rescaleIntercept, ""), (.doseGridScaling, "0"),
      (.pixelSpacing, "0,5\\0,5"), (.pixelSpacing, "0.5"), (.pixelSpacing, "0.5\\0"),
      (.pixelSpacing, "-1\\1"),
      (.pixelSpacing, "0.5\\"), (.pixelSpacing, "0.5\\0.5\\3"), (.imagerPixelSpacing, "0,1\\0,1"),
      (.sliceThickness, "3,0"), (.spacingBetweenSlices, "3,0"), (.imagePosition, "1\\2"),
      (.imagePosition, "1,0\\2\\3"), (.imagePosition, "1e300\\2\\3"), (.pixelSpacing, "1e99\\1"),
      (.imageOrientation, "1\\0\\0\\0\\1"),
      (.imageOrientation, "1\\0\\0\\0\\1\\x"),
      (.imageOrientation, "0\\0\\0\\0\\0\\0"), (.imageOrientation, "1\\0\\0\\1\\0\\0"),
      (.numberOfFrames, "1,0"),
      (.numberOfFrames, "many"),
    ] as [(DicomTag, String)])
  func numbersThatCannotBeReadAreRefused(_ tag: DicomTag, _ text: String) throws {
    let error = #expect(throws: ImageError.self) { try read(file(tag, text)) }
    let message = error?.message ?? ""
    #expect(message.contains("image.dcm: ") && message.contains(tag.description), "\(message)")
    if text.count > 3 { #expect(!message.contains(text), "\(message)") }
  }

  @Test func anEmptyDistanceIsNotStated() throws {
    #expect(try read(file(.pixelSpacing, "")).geometry.isStated == false)
    #expect(try read(file(.sliceThickness, "0")).geometry.spacing.z == 1)
  }

  @Test func numbersWithSignsExponentsAndBlanksAreRead() throws {
    #expect(try read(file(.rescaleSlope, " +2.5E-1 ")).slope == 0.25)
    #expect(try read(file(.pixelSpacing, "5e-1 \\ .25")).geometry.spacing == [0.25, 0.5, 1])
  }
}
