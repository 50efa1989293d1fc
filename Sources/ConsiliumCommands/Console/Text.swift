extension String {
  /// The text at the right end of a column of `width` characters.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

  /// The text at the left end of a column of `width` characters.
  func rightPadded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text, cut to `width` characters with an ellipsis at its end where something was lost.
  func truncated(to width: Int) -> String {
    count <= width ? self : String(prefix(max(0, width - 1))) + (width > 0 ? "…" : "")
  }

  /// The text as one word for a shell.
  var shellQuoted: String {
    let isPlain = !isEmpty && allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:@%+".contains($0) }
    return isPlain ? self : "'" + replacing("'", with: #"'\''"#) + "'"
  }

  /// The text without what would move a terminal's cursor; it may come from a stranger.
  var onOneLine: String { replacingControls { _ in true } }

  /// The same for a text of several lines, which stay.
  var onItsLines: String { replacingControls { $0 != "\n" } }

  private func replacingControls(where isReplaced: (Unicode.Scalar) -> Bool) -> String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map {
          $0.properties.generalCategory == .control && isReplaced($0) ? "\u{FFFD}" : $0
        }))
  }
}
