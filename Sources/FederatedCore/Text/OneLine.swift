extension Unicode.Scalar {
  /// Whether the character is invisible or moves the cursor: a control or format character (such as an
  /// escape, a zero-width space or a bidirectional override), a separator of lines or paragraphs, or a
  /// character without a fixed meaning.
  public var isHidden: Bool {
    if value < 0x7F { return value < 0x20 }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
      return true
    default: return false
    }
  }

  /// Whether the character is a tab or begins a new line.
  fileprivate var isBreak: Bool {
    switch value {
    case 0x09...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// The character itself, or a visible substitute if it is hidden.
  fileprivate var shown: Unicode.Scalar { isBreak ? " " : isHidden ? "\u{FFFD}" : self }
}

/// Safe forms of a text from outside: from a study's author, a site, a table or a peer.
///
/// Wherever such a text is printed, logged, stored or exported, it passes through one of these properties, so
/// that it starts no line of its own and does not change how the text around it looks.
extension String {
  /// The text on one line. Line breaks and tabs between words become spaces; other hidden characters become
  /// U+FFFD.
  public var onOneLine: String {
    guard !isPlain else { return self }
    let parts = unicodeScalars.split(whereSeparator: \.isBreak)
    return parts.map { String(String.UnicodeScalarView($0.map(\.shown))) }.joined(separator: " ")
  }

  /// A text of several lines that the program composed, with its line feeds kept. Other hidden characters are
  /// replaced as in ``onOneLine``.
  public var onItsLines: String {
    guard !isPlain else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\n" ? $0 : $0.shown }))
  }

  /// The text as in ``onItsLines``, with all lines except the first indented, so that none of them looks like
  /// a line of the program.
  public var onIndentedLines: String {
    onItsLines.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
  }

  /// The text on one line, in double quotation marks, so that it differs from the program's own words. Double
  /// quotation marks in the text become single, so that the last mark shows the end of the text.
  public var inQuotes: String {
    "“" + onOneLine.replacing("“", with: "‘").replacing("”", with: "’") + "”"
  }

  /// JSON with its hidden characters written as escapes, except line feeds. Its values stay the same.
  ///
  /// In valid JSON, all other hidden characters are inside strings, where an escape means the same character.
  public var withJSONEscapes: String {
    guard !isPlain else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isHidden, scalar != "\n" {
        for unit in String(scalar).utf16 { text += Self.jsonEscape(unit) }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func jsonEscape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Whether all characters are printable ASCII, as in most texts.
  private var isPlain: Bool { utf8.allSatisfy { (0x20..<0x7F).contains($0) } }
}
