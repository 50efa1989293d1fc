/// A value found in data, as text for a terminal.
public enum FoundValue {
  /// The maximum number of characters shown of a value.
  private static let longest = 60

  /// The value in quotation marks, on one line, truncated if long.
  ///
  /// Characters that are invisible or move the cursor are written as codes, such as `\u{200B}`, since they
  /// may be the problem.
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
