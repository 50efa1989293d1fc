import Testing

@testable import MedicalImaging

/// Compares normalisation with NumPy.
struct NormalisationTests {
  private let expected = Fixtures.expected.transforms

  private func image(_ values: [Double]) -> FloatImage {
    FloatImage(values: values.map(Float.init), size: [6, 7, 5])
  }

  @Test func normalisationMatchesNumPy() throws {
    let cases: [(String, [Double], Normalisation)] = [
      ("z-score", expected.volume, try Normalisation(.zScore(overNonzero: false))),
      ("z-score nonzero", expected.masked, try Normalisation(.zScore(overNonzero: true))),
      ("z-score slice", expected.volume, try Normalisation(.zScore(overNonzero: false), per: .slice)),
      ("percentile", expected.volume, try Normalisation(.percentile(lower: 2, upper: 98))),
      ("window", expected.volume, try Normalisation(.window(level: 100, width: 40))),
      ("range", expected.volume, try Normalisation(.range(lower: 0, upper: 255))),
    ]
    for (name, values, normalisation) in cases {
      let reference = try #require(expected.normalised[name])
      #expect(greatestDifference(image(values).normalised(normalisation).values, reference) < 2e-5, "\(name)")
    }
  }

  @Test func channelsAreNormalisedSeparately() throws {
    let values = expected.volume.map(Float.init)
    let two = FloatImage(values: values + values.map { $0 * 3 + 7 }, channels: 2, size: [6, 7, 5])
    let normalised = two.normalised(try Normalisation(.zScore(overNonzero: false), per: .channel))
    let reference = try #require(expected.normalised["z-score"])
    #expect(greatestDifference(normalised.values, reference + reference) < 1e-4)
  }

  @Test func constantImagesAndNaNStayFinite() throws {
    let flat = FloatImage(values: [Float](repeating: 1234.5, count: 12), size: [3, 4])
    #expect(flat.normalised(try Normalisation(.zScore(overNonzero: false))).values.allSatisfy { $0 == 0 })
    #expect(
      flat.normalised(try Normalisation(.percentile(lower: 1, upper: 99))).values.allSatisfy { $0 == 0 })
    let holed = FloatImage(values: [.nan, 1, .infinity, 3], size: [2, 2])
    #expect(holed.normalised(try Normalisation(.zScore(overNonzero: true))).values == [0, -1, 0, 1])
  }

  @Test func limitsOutOfOrderAreRefused() {
    #expect(throws: ImageError.self) { try Normalisation(.percentile(lower: 99, upper: 1)) }
    #expect(throws: ImageError.self) { try Normalisation(.window(level: 40, width: 0)) }
    #expect(throws: ImageError.self) { try Normalisation(.range(lower: 1, upper: 1)) }
  }
}
