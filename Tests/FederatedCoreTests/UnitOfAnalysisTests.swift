import FederatedCore
import Testing

struct UnitOfAnalysisTests {
  @Test(arguments: [
    ("patient", "patient", "patients"), ("Patient_ID", "patient", "patients"), ("pid", "patient", "patients"),
    ("lesion", "lesion", "lesions"), ("lesion-id", "lesion", "lesions"), ("biopsy", "biopsy", "biopsies"),
    ("eye no", "eye", "eyes"), ("axis", "axis", "axises"), ("subject", "subject", "subjects"),
    ("id", "id", "ids"), ("42", "group", "groups"),
  ])
  func elementNamesTheUnit(name: String, singular: String, plural: String) {
    #expect(UnitOfAnalysis(namedByElement: name) == UnitOfAnalysis(singular: singular, plural: plural))
  }

  @Test func countsAgreeWithTheirNoun() {
    #expect(UnitOfAnalysis.patient.count(1) == "1 patient")
    #expect(UnitOfAnalysis.image.count(0) == "0 images")
  }

  /// √(0.75 · 0.25 / 100), and the largest possible error, for a score of one half.
  @Test func standardErrorOfAScore() {
    #expect(abs(SmallNumbers.standardError(ofScore: 0.75, count: 100) - 0.043_301_270) < 1e-9)
    #expect(SmallNumbers.standardError(ofScore: 0.5, count: 100) == 0.05)
    #expect(SmallNumbers.standardError(ofScore: 0.5, count: 0) == .infinity)
    #expect(SmallNumbers.standardError(ofScore: .nan, count: 9) == .infinity)
  }
}
