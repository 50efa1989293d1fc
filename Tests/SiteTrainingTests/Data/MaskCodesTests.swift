import MedicalImaging
import StudyProtocol
import Testing

@testable import SiteTraining

struct MaskCodesTests {
  private func classes(_ values: [Float], _ codes: [String: String] = [:]) throws -> [Float] {
    let study = try SmallImages.study(classes: "{0: background, 1: oedema, 2: core}")
    let mask = try #require(study.element(.target))
    let mapping = SmallImages.site("north", maskCodes: codes).elements["lesion"]
    let image = FloatImage(values: values, size: [1, values.count])
    return try MaskCodes(mask, mapping: mapping)
      .classes(of: image, in: Record(group: "1", values: [:], place: "table.csv:2")).values
  }

  /// Scales of 16-bit integers, as programs write them.
  @Test(
    arguments: [
      ([0, 0.999_98, 1.999_96], [0, 1, 2]), ([-7.6e-6, 0.999_992], [0, 1]),
      ([0, 1.000_000_4, 1], [0, 1, 1]),
    ]
      as [([Float], [Float])])
  func scaledCodesAreRounded(values: [Float], expected: [Float]) throws {
    #expect(try classes(values) == expected)
  }

  @Test func codesOfTheSiteAreRoundedToo() throws {
    #expect(try classes([0, 9.9998, 20], ["10": "1", "20": "2"]) == [0, 1, 2])
  }

  @Test func fractionsListedByTheSiteAreCodes() throws {
    #expect(try classes([0, 0.25, 0.5], ["0.25": "1", "0.5": "2"]) == [0, 1, 2])
  }

  @Test(arguments: [[0, 0.000_03], [0, 0.5, 1], [0, 0.999, 1], [0, 0.002]] as [[Float]])
  func fractionsAreRefused(values: [Float]) throws {
    let fault = try #require(throws: ImageFault.self) { try classes(values) }
    #expect(fault.rule == .code && fault.message.contains("not whole numbers"))
    #expect(fault.values.count == 1)
  }

  /// All unknown codes are listed, so that looking at the site's own file once is enough.
  @Test func unknownCodesAreListed() throws {
    let fault = try #require(throws: ImageFault.self) { try classes([0, 7, 255, 7, 1]) }
    #expect(fault.values == ["7", "255"])
  }
}
