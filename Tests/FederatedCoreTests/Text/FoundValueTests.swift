import FederatedCore
import Testing

@Suite struct FoundValueTests {
  @Test(arguments: [
    ("255", "'255'"), ("P 01", "'P 01'"), ("P01\u{A0}", #"'P01\u{A0}'"#), ("age\u{200B}", #"'age\u{200B}'"#),
    ("a\nb", #"'a\u{A}b'"#), ("\u{1B}[2J", #"'\u{1B}[2J'"#), ("Müller", "'Müller'"),
    ("\u{202E}abc", #"'\u{202E}abc'"#),
    (String(repeating: "x", count: 70), "'\(String(repeating: "x", count: 60))…'"),
  ])
  func valuesAreQuotedOnOneLine(value: String, text: String) { #expect(FoundValue.quoted(value) == text) }
}
