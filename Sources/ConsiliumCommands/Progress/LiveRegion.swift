/// The last lines of a terminal, redrawn in place.
struct LiveRegion: Sendable {
  /// The width of each line now on the terminal, in characters.
  private var widths: [Int] = []

  /// Returns the text that prints `news` above the region and redraws the region with `lines`.
  ///
  /// - Parameter columns: The terminal's current width, in characters. If it has become narrower, the earlier
  ///   lines have wrapped.
  mutating func frame(news: [String], lines: [String], columns: Int) -> String {
    var text = widths.isEmpty ? "\u{1B}[?25l" : start(columns)
    // Each line clears its own rest, and the final escape clears everything below, so that nothing flickers.
    for line in news + lines { text += line + "\u{1B}[K\n" }
    widths = lines.map { $0.replacing(/\u{1B}\[[0-9]*m/, with: "").count }
    return text + "\u{1B}[J"
  }

  /// Returns the final text: it removes the region, prints `news` and restores the cursor.
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
