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
}
