/// A value found in data, as text for a terminal.
public enum FoundValue {
  /// The value in quotation marks, on one line, truncated if long.
  ///
  /// Characters that are invisible or move the cursor are written as codes, such as `\u{200B}`, since they
  /// may be the problem.
  ///
  /// - Parameter longest: The maximum number of characters shown.
  public static func quoted(_ value: String, longest: Int = 60) -> String {
    let scalars = value.unicodeScalars
    let text = scalars.prefix(longest).map { isVisible($0) ? String($0) : code(of: $0) }.joined()
    return "'\(text)\(scalars.count > longest ? "…" : "")'"
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .spaceSeparator ? scalar == " " : !scalar.isHidden
  }

  /// The character's code, such as `\u{200B}`.
  public static func code(of scalar: Unicode.Scalar) -> String {
    "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
  }
}
