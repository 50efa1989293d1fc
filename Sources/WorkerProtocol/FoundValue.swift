/// A value found in data, as text for a terminal.
public enum FoundValue {
  /// The most characters of a value that are shown.
  private static let longest = 60

  /// The value in quotation marks, on one line and cut if it is long.
  ///
  /// What cannot be seen or would move the cursor is written as its code, such as `\u{200B}`; it may be what
  /// is wrong.
  public static func quoted(_ value: String) -> String {
    let scalars = Array(value.unicodeScalars)
    let text = scalars.prefix(longest).map { isVisible($0) ? String($0) : code(of: $0) }.joined()
    return "'\(text)\(scalars.count > longest ? "…" : "")'"
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }

  private static func code(of scalar: Unicode.Scalar) -> String {
    "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
  }
}
