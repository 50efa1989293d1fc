import FederatedCore
import Testing

@testable import ConsiliumCommands

@Suite struct TextTests {
  @Test func foreignTextCannotMoveTheCursor() {
    let text = "a\u{1B}[2J\r\nb\u{9B}c"
    #expect(text.onOneLine == "a\u{FFFD}[2J\u{FFFD}\u{FFFD}b\u{FFFD}c")
    #expect(text.onItsLines == "a\u{FFFD}[2J\u{FFFD}\nb\u{FFFD}c")
    #expect(ErrorReport(ConsiliumError(.unavailable, text)).lines == ["error: " + text.onItsLines])
  }
}
