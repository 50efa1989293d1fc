extension String {
  /// The text right-aligned in a column of `width` characters.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

  /// The text left-aligned in a column of `width` characters.
  func rightPadded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text, cut to `width` characters; an ellipsis marks a cut.
  func truncated(to width: Int) -> String {
    count <= width ? self : String(prefix(max(0, width - 1))) + (width > 0 ? "…" : "")
  }

  /// The text quoted as one word for a shell.
  var shellQuoted: String {
    let isPlain = !isEmpty && allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:@%+".contains($0) }
    return isPlain ? self : "'" + replacing("'", with: #"'\''"#) + "'"
  }

  /// The text without characters that would move a terminal's cursor, since it may come from a stranger.
  var onOneLine: String { replacingControls { _ in true } }

  /// The same for a text of several lines, which stay separate.
  var onItsLines: String { replacingControls { $0 != "\n" } }

  private func replacingControls(where isReplaced: (Unicode.Scalar) -> Bool) -> String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map {
          $0.properties.generalCategory == .control && isReplaced($0) ? "\u{FFFD}" : $0
        }))
  }
}
