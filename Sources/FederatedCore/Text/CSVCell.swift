/// A cell of a table in CSV (RFC 4180).
public enum CSVCell {
  /// The characters that begin a formula in a spreadsheet, also in full width.
  private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "＝", "＋", "－", "＠"]

  /// Writes a text as one cell, even if an untrusted party wrote the text.
  ///
  /// A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay as they are.
  public static func text(of value: String) -> String {
    let text = Double(value) == nil ? withoutFormulas(value.onOneLine) : value
    let isPlain = text.unicodeScalars.allSatisfy { $0 != "," && $0 != "\"" }
    return isPlain ? text : "\"" + doubled(text) + "\""
  }

  /// The text with an apostrophe before each formula. A formula may begin the text, or follow a semicolon,
  /// which separates cells in countries with a decimal comma.
  private static func withoutFormulas(_ text: String) -> String {
    var mayBegin = true
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if mayBegin, formulaStarts.contains(scalar) { result += "'" }
      mayBegin = scalar == ";" || mayBegin && scalar.properties.isWhitespace
      result.unicodeScalars.append(scalar)
    }
  }

  private static func doubled(_ text: String) -> String {
    text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
  }
}
