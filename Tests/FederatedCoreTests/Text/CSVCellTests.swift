import FederatedCore
import Testing

@Suite struct CSVCellTests {
  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), (" =1+1", " '=1+1"),
    ("\t=1+1", "'=1+1"), ("\r\n@x", "'@x"), ("\u{FEFF}=1", "\u{FFFD}=1"), ("＝1+1", "'＝1+1"),
    ("a;=cmd|' /C calc'!A0;", "a;'=cmd|' /C calc'!A0;"), ("a=b; -c", "a=b; '-c"),
  ])
  func formulasAreText(value: String, cell: String) { #expect(CSVCell.text(of: value) == cell) }

  @Test(arguments: ["-0.5", "+3", "1e-07", "-inf", "nan", "0.1", "", "local", "trained-on", "DU"])
  func numbersAndNamesStay(value: String) { #expect(CSVCell.text(of: value) == value) }

  @Test(arguments: [
    ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("one\ntwo", "one two"),
    ("=A1,\"b\"", "\"'=A1,\"\"b\"\"\""),
  ])
  func specialCharactersAreQuoted(value: String, cell: String) { #expect(CSVCell.text(of: value) == cell) }
}
