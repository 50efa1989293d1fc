import Testing

@testable import StudyProtocol

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("ab", "ba", 1), ("unet", "unet", 0),
    ("ca", "abc", 3),
  ])
  func distance(a: String, b: String, distance: Int) { #expect(NearestName.distance(a, b) == distance) }

  @Test func suggestsOnlySimilarNames() {
    #expect(
      NearestName.hint(for: "learning_rate", among: ["loss", "learning-rate"])
        == " Did you mean 'learning-rate'?")
    #expect(NearestName.hint(for: "colour", among: ["loss", "rounds"]) == "")
    #expect(NearestName.hint(for: "", among: ["loss"]) == "")
  }
}
