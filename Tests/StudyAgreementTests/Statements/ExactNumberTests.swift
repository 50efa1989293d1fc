import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@Suite struct ExactNumberTests {
  private struct Box: Codable, Equatable {
    @ExactNumber var value: Double
  }

  @Test(arguments: [
    (0.1, "0.1"), (1.0 / 3, "0.3333333333333333"), (1e300, "1e+300"),
    (Double.leastNonzeroMagnitude, "5e-324"), (120, "120.0"), (-0.0, "-0.0"),
    (0.1 + 0.2, "0.30000000000000004"),
  ])
  func theShortestTextComesBackToTheBit(value: Double, text: String) throws {
    let json = try CanonicalJSON.encode(Box(value: value))
    #expect(String(decoding: json, as: UTF8.self) == #"{"value":"\#(text)"}"#)
    #expect(try CanonicalJSON.decode(Box.self, from: json).value.bitPattern == value.bitPattern)
  }

  @Test(arguments: ["120", "0.10", "1e300", "nan", "inf", "0x1p3", "", "+1.0"])
  func rejectsNumbersNotInShortestForm(text: String) {
    #expect(throws: (any Error).self) {
      try CanonicalJSON.decode(Box.self, from: Data(#"{"value":"\#(text)"}"#.utf8))
    }
  }

  @Test(arguments: [Double.nan, .infinity]) func refusesToSignNonFiniteNumbers(weight: Double) {
    let statement = ContributionStatement(
      study: "s", arm: "a", round: 1, stage: 0, site: SiteID("DU"), base: "", update: "", weight: weight,
      examples: 1)
    let error = #expect(throws: ConsiliumError.self) { try statement.canonicalBytes() }
    #expect(error?.code == .invalidInput)
  }
}
