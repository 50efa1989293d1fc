import Testing

@testable import StudyProtocol

@Suite struct NumberFormatTests {
  @Test(
    arguments: [
      ("1.5", nil, nil, 1.5), ("-1.5e3", nil, nil, -1500), (".5", nil, nil, 0.5),
      ("+2", nil, nil, 2), ("−3", nil, nil, -3),
      ("1,5", nil, nil, nil), ("1 000", nil, nil, nil), ("nan", nil, nil, nil),
      ("0x10", nil, nil, nil), ("", nil, nil, nil),
      ("1e400", nil, nil, nil), ("1.2.3", nil, nil, nil), ("--1", nil, nil, nil),
      ("1.5 mg", nil, nil, nil),
      ("1,5", ",", nil, 1.5), ("-0,25", ",", nil, -0.25), ("1.5", ",", nil, nil),
      ("1.500", ",", nil, nil), ("3", ",", nil, 3),
      ("1,5E+03", ",", nil, 1500), ("1.234,5", ",", ".", 1234.5),
      ("1.234.567", ",", ".", 1_234_567), ("1.5", ",", ".", nil),
      ("12.34,5", ",", ".", nil), ("1234,5", ",", ".", 1234.5), (".234", ",", ".", nil),
      ("1,234.5", nil, ",", 1234.5),
      ("1,23", nil, ",", nil), ("1'234.5", nil, "'", 1234.5), ("1’234.5", nil, "'", 1234.5),
      ("1 234,5", ",", " ", 1234.5),
      ("1234.56,7", ",", ".", nil),
    ] as [(String, String?, String?, Double?)])
  func numbers(text: String, decimal: String?, thousands: String?, number: Double?) {
    #expect(
      NumberFormat(ValueFormat(decimal: decimal, thousands: thousands)).number(text) == number)
  }

  @Test(
    arguments: [
      ("1,5", nil, "`decimal: \",\"`"), ("1.5", ",", "has a decimal point"),
      ("#DIV/0!", nil, "error value"),
      ("03.04.2020", nil, "days-between"), ("forty", nil, "not a finite number"),
    ] as [(String, String?, String)])
  func advice(text: String, decimal: String?, words: String) {
    #expect(NumberFormat(ValueFormat(decimal: decimal)).advice(text).contains(words))
  }
}
