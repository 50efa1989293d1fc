import StudyProtocol
import Testing

@testable import SiteTraining

struct NormalisationFitTests {
  private func note(_ step: String, _ values: [Float], isConstant: Bool = false) throws -> ImageFault? {
    let study = try SmallImages.study(preprocessing: "normalise: {\(step)}")
    let record = Record(group: "1", values: ["image": .file("/data/1.png")], place: "table.csv:2")
    return NormalisationFit(study, element: try #require(study.inputs.first))
      .note(values, isConstant: isConstant, in: record)
  }

  private static let window = "method: window, level: 40, width: 400"
  private static let scale = "method: scale, lower: 0, upper: 255"

  @Test func imageBeyondTheWindowIsAWarning() throws {
    let found = try note(Self.window, [1, 1, 1, 1])
    #expect(found?.severity == .warning && found?.place == "/data/1.png")
    #expect(found?.message.contains("on one side of the study's window") == true)
    #expect(try note(Self.window, [1, 1, 1, 0.9]) == nil)
  }

  /// A constant image is a separate finding.
  @Test func constantImageIsNotNamedTwice() throws {
    #expect(try note(Self.window, [1, 1, 1], isConstant: true) == nil)
  }

  @Test func imageBeyondTheLimitsIsAWarning() throws {
    #expect(try note(Self.scale, [0, 16, 9, 2])?.message.contains("outside the limits") == true)
    #expect(try note(Self.scale, [0, 1, 0.5, 2]) == nil)
  }

  @Test func pictureOfEightBitsOnAScaleOfSixteenIsAWarning() throws {
    let values: [Float] = [0, 255, 17, 93].map { $0 / 65_535 }
    #expect(try note(Self.scale, values)?.message.contains("without contrast") == true)
  }

  @Test func standardisedImagesFit() throws {
    #expect(try note("method: z-score", [-3, 4, 1, 0]) == nil)
  }
}
