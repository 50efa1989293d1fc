/// The last lines of a terminal, redrawn in place.
struct LiveRegion: Sendable {
  /// How many columns each line took that is on the terminal now.
  private var widths: [Int] = []

  /// What to write so that `news` stays above and `lines` takes the place of what was drawn before.
  ///
  /// - Parameter columns: the terminal's width now; one that became narrower has wrapped what was drawn.
  mutating func frame(news: [String], lines: [String], columns: Int) -> String {
    var text = widths.isEmpty ? "\u{1B}[?25l" : start(columns)
    // Each line clears its own rest, and the last what is below, so that nothing flickers.
    for line in news + lines { text += line + "\u{1B}[K\n" }
    widths = lines.map { $0.replacing(/\u{1B}\[[0-9]*m/, with: "").count }
    return text + "\u{1B}[J"
  }

  /// What to write at the end: the region goes, `news` stays, the cursor comes back.
  mutating func close(news: [String], columns: Int) -> String {
    defer { widths = [] }
    let text = widths.isEmpty ? "" : start(columns) + "\u{1B}[J"
    return text + news.map { $0 + "\n" }.joined() + "\u{1B}[?25h"
  }

  /// Moves the cursor to the first line of the region.
  private func start(_ columns: Int) -> String {
    let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
    return "\r\u{1B}[\(rows)A"
  }
}
