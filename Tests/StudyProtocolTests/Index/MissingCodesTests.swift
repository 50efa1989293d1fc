import Testing

@testable import StudyProtocol

@Suite struct MissingCodesTests {
  private static let ages: [Double] = [34, 41, 45, 47, 52, 52, 58, 60, 63, 66, 71, 79]
  private static let millimoles: [Double] = [3.1, 3.4, 3.8, 4.0, 4.1, 4.4, 4.6, 4.9, 5.2, 5.5, 6.1]
  private static let scale: [Double] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]

  private static let withCodes: [(numbers: [Double], codes: Set<Double>)] = [
    (ages + [999], [999]), (ages + [-1, -1], [-1]), (ages + [-99, 999], [-99, 999]), (ages + [-9], [-9]),
    (millimoles + [99.9], [99.9]), (millimoles + [-1], [-1]), (millimoles + [888], [888]),
    (scale + [99], [99]),
  ]

  /// Numbers that must not be taken for missing-value codes: an age of 99, a scale that starts at -1, scores
  /// of both signs, days of follow-up, outliers that do not look like a code (500, -7, 777.5), and lists that
  /// are too short to judge.
  private static let measured: [[Double]] = [
    ages + [99], scale + [-1], [-3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4],
    [9, 40, 99, 180, 365, 400, 700, 999, 1500, 2200, 3000, 4100, 5000], ages + [500], ages + [-7],
    [34, 41, 45, 47, 999], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 9], ages + [777.5], [],
  ]

  @Test(arguments: withCodes)
  func findsCodesFarFromOtherNumbers(numbers: [Double], codes: Set<Double>) {
    #expect(MissingCodes(among: numbers).codes == codes)
  }

  @Test(arguments: measured)
  func doesNotTakeMeasurementsForCodes(numbers: [Double]) {
    #expect(MissingCodes(among: numbers).codes.isEmpty)
  }

  @Test(arguments: [(998.9999999999999, 999.0), (-0.9999999999999998, -1), (1.0 / 3, 1.0 / 3)])
  func removesRoundingErrorsOfConversions(number: Double, expected: Double) {
    #expect(MissingCodes.rounded(number) == expected)
  }
}
