import MedicalImaging
import Testing

/// Compares clipping with `numpy.clip` and `numpy.percentile`.
struct ClippingTests {
  /// Two slices of three rows and two columns.
  private let image = FloatImage(
    values: [0, -3, 5, 0, 12, 7.5, 0, 1, -20, 40, 2, 9], size: [2, 3, 2])

  @Test func valuesAreLimits() throws {
    let clipped = image.clipped(try Clipping(.values(lower: -5, upper: 10)))
    #expect(clipped.values == [0, -3, 5, 0, 10, 7.5, 0, 1, -5, 10, 2, 9])
  }

  @Test(
    arguments: [
      (0, 100, false, [0, -3, 5, 0, 12, 7.5, 0, 1, -20, 40, 2, 9]),
      (0.5, 99.5, false, [0, -3, 5, 0, 12, 7.5, 0, 1, -19.065, 38.46, 2, 9]),
      (10, 90, false, [0, -2.7, 5, 0, 11.7, 7.5, 0, 1, -2.7, 11.7, 2, 9]),
      (25, 60, false, [0, 0, 3.8, 0, 3.8, 3.8, 0, 1, 0, 3.8, 2, 3.8]),
      (0.5, 99.5, true, [0, -3, 5, 0, 12, 7.5, 0, 1, -19.32, 38.88, 2, 9]),
      (25, 60, true, [0, 1, 5, 0, 7, 7, 0, 1, 1, 7, 2, 7]),
    ] as [(Double, Double, Bool, [Float])])
  func percentilesMatchNumPy(lower: Double, upper: Double, nonzero: Bool, expected: [Float]) throws {
    let clipped = image.clipped(
      try Clipping(.percentiles(lower: lower, upper: upper), overNonzero: nonzero))
    for (found, expected) in zip(clipped.values, expected) { #expect(abs(found - expected) < 1e-5) }
  }

  @Test func slicesHaveTheirOwnPercentiles() throws {
    let clipped = image.clipped(try Clipping(.percentiles(lower: 10, upper: 90), per: .slice))
    let expected: [Float] = [0, -1.5, 5, 0, 9.75, 7.5, 0, 1, -10, 24.5, 2, 9]
    for (found, expected) in zip(clipped.values, expected) { #expect(abs(found - expected) < 1e-5) }
  }

  @Test func emptyAndUnmeasuredVoxelsStayZero() throws {
    let clipping = try Clipping(.percentiles(lower: 1, upper: 99), overNonzero: true)
    let blank = FloatImage(values: [0, .nan, 0, .infinity], size: [2, 2])
    #expect(blank.clipped(clipping).values == [0, 0, 0, 0])
  }

  @Test func impossibleLimitsAreRefused() {
    #expect(throws: ImageError.self) { try Clipping(.values(lower: 1, upper: 1)) }
    #expect(throws: ImageError.self) { try Clipping(.percentiles(lower: -1, upper: 99)) }
    #expect(throws: ImageError.self) { try Clipping(.percentiles(lower: 1, upper: 101)) }
  }

  /// Percentiles over non-zero voxels; the zeros stay 0.
  @Test func normalisationCanLeaveTheBackgroundOut() throws {
    let found = image.normalised(
      try Normalisation(.percentile(lower: 10, upper: 90, overNonzero: true))
    ).values
    let expected: [Float] = [
      0, 0.141_666_67, 0.475, 0, 0.766_666_65, 0.579_166_65, 0, 0.308_333_34, 0, 1, 0.35, 0.641_666_65,
    ]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
  }
}
