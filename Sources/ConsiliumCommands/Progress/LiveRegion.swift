/// The last lines of a terminal, redrawn in place.
struct LiveRegion: Sendable {
  private var drawn = 0

  /// What to write so that `news` stays above and `lines` takes the place of what was drawn before.
  mutating func frame(news: [String], lines: [String]) -> String {
    var text = drawn == 0 ? "\u{1B}[?25l" : "\r\(up(drawn))"
    // Each line clears its own rest, and the last what is below, so that nothing flickers.
    for line in news + lines { text += line + "\u{1B}[K\n" }
    drawn = lines.count
    return text + "\u{1B}[J"
  }

  /// What to write at the end: the region goes, `news` stays, the cursor comes back.
  mutating func close(news: [String]) -> String {
    defer { drawn = 0 }
    let text = drawn == 0 ? "" : "\r\(up(drawn))\u{1B}[J"
    return text + news.map { $0 + "\n" }.joined() + "\u{1B}[?25h"
  }

  private func up(_ count: Int) -> String { "\u{1B}[\(count)A" }
}
