import FederatedCore
import Testing

@Suite struct OneLineTests {
  /// Controls, format characters (zero-width, bidirectional, tags), separators, private use and unassigned.
  static let hidden: [Unicode.Scalar] = [
    "\u{0}", "\u{7}", "\u{1B}", "\u{7F}", "\u{80}", "\u{85}", "\u{9B}", "\u{AD}", "\u{61C}", "\u{200B}",
    "\u{200D}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202A}", "\u{202D}", "\u{202E}",
    "\u{2060}",
    "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}", "\u{FEFF}", "\u{FFF9}", "\u{E000}", "\u{FFFE}",
    "\u{E0001}", "\u{E0041}", "\u{10FFFF}",
  ]

  @Test(arguments: hidden) func hiddenCharactersAreReplaced(scalar: Unicode.Scalar) {
    let text = "a\(scalar)b\nc"
    for shown in [text.onOneLine, text.onItsLines, text.onIndentedLines, text.inQuotes] {
      #expect(!shown.unicodeScalars.contains { $0.isHidden && $0 != "\n" }, "\(scalar.value)")
    }
    #expect(!text.onOneLine.unicodeScalars.contains("\n"))
  }

  @Test(arguments: [
    "Müller-Lüdenscheidt", "e\u{301}tude à 37 °C", "大学病院・東京", "مستشفى الجامعة", "בית חולים", "Ελλάδα",
    "한국어 병원",
    "µg/dL ≥ 5 × 10³ – “x”", "रोगी", "🙂 ✓ → █",
  ])
  func ordinaryTextStays(text: String) {
    #expect(text.onOneLine.unicodeScalars.elementsEqual(text.unicodeScalars))
    #expect(text.onItsLines == text)
    #expect(text.withJSONEscapes == text)
  }

  @Test func lineBreaksBecomeSpaces() {
    #expect("one\ntwo\r\nthree\tfour\u{2028}five\n".onOneLine == "one two three four five")
    #expect("a\u{1B}[2J\r\nb".onItsLines == "a\u{FFFD}[2J \nb")
    #expect("first\nSECOND\n".onIndentedLines == "first\n  SECOND\n  ")
  }

  @Test func quotesEndWhereTheyShould() {
    #expect("yes”. NOTHING LEAVES“".inQuotes == "“yes’. NOTHING LEAVES‘”")
  }

  @Test func jsonEscapesKeepTheValue() {
    #expect(
      "{\"a\":\"\u{202E}x\u{7F}\u{E0041}\"}\n".withJSONEscapes == #"{"a":"\u202ex\u007f\udb40\udc41"}"# + "\n"
    )
  }
}
