import Testing

@testable import StudyProtocol

@Suite struct AlikeNamesTests {
  @Test(
    arguments: [
      ("AB01", "ab01", AlikeNames.Difference.letterCase), ("1", "001", .zeros),
      ("P1", "P001", .zeros), ("p1", "P001", .zeros),
      ("1", "1.0", .form), ("P-1", "P_1", .form), ("P 1", "P  1", .form), ("P-1", "P_01", .form),
      ("0", "000", .zeros), ("P 1", "P1", .form), ("P-01", "P1", .form), ("P-1", "P\u{2011}1", .form),
      ("P-1", "P\u{2013}1", .form), ("7", "7E0", .form), ("7", "7,0", .form), ("7", "'007", .form),
      ("A01", "\u{410}01", .alphabet), ("PT7", "\u{420}\u{422}7", .alphabet), ("A1", "\u{FF21}1", .form),
      ("P1-1", "P11", nil), ("1E5", "1E6", nil),
      ("P1", "P2", nil), ("10", "1", nil), ("100", "1", nil), ("1-11", "11-1", nil),
      ("1", "1", nil), ("A", "B", nil),
      ("1.5", "1.50", nil),
    ] as [(String, String, AlikeNames.Difference?)])
  func differences(one: String, other: String, difference: AlikeNames.Difference?) {
    #expect(AlikeNames.difference(one, other) == difference)
    #expect(AlikeNames.difference(other, one) == difference)
  }

  @Test func countsSimilarNames() {
    let groups = AlikeNames.groups(["A1", "a1", "7", "007", "B", "C", "D1", "D1.0", "x y", "x-y"])
    #expect(groups[.letterCase] == ["A1", "a1"])
    #expect(groups[.zeros] == ["7", "007"])
    #expect(groups[.form] == ["x y", "x-y"])
  }
}
