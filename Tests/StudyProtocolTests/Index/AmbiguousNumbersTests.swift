import Testing

@testable import StudyProtocol

@Suite struct AmbiguousNumbersTests {
  @Test(arguments: [
    (["950", "1.100", "870"], [1]), (["1.234", "2.345"], [0, 1]), (["-1.100"], [0]), (["+12.345"], [0]),
    (["1.234", "0.98"], []), (["1.100", "12.5"], []), (["1.100", "0.100"], []), (["1.100", "1234.567"], []),
    (["1.100", ".5"], []), (["1.100", "2."], []), (["1.100", "1.5e3"], []), (["1,5", "1.100"], [1]),
    (["x.100", "1.100"], [1]), (["0.100"], []), (["1.2345"], []), (["1", "2"], []), ([], []),
  ])
  func rows(column: [String], rows: [Int]) { #expect(AmbiguousNumbers(column: column).rows == rows) }

  @Test(arguments: [
    ("0,5", true), ("-1,25", true), ("12,", false), ("1,2,3", false), ("0.5", false), ("a,b", false),
    (",5", true), ("1.000,5", false), ("", false),
  ])
  func commas(text: String, isComma: Bool) { #expect(AmbiguousNumbers.hasDecimalComma(text) == isComma) }
}
