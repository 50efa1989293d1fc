/// The text encoding of a table.
public enum TableEncoding: String, Codable, Sendable, CaseIterable {
  case utf8 = "utf-8"
  /// UTF-16 with a byte order mark, or without one. Without a mark, the text is big-endian if its first byte
  /// is zero.
  case utf16 = "utf-16"
  /// ISO 8859-1.
  case latin1 = "latin-1"
  /// ISO 8859-15.
  case latin9 = "latin-9"
  /// Windows-1250, for Central European languages.
  case windows1250 = "windows-1250"
  /// Windows-1252, for Western European languages.
  case windows1252 = "windows-1252"
  case macRoman = "mac-roman"

  /// Reads the name of an encoding, including its common aliases.
  public init?(name: String) {
    let name = name.lowercased().replacing("_", with: "-")
    guard let encoding = Self(rawValue: Self.otherNames[name] ?? name) else { return nil }
    self = encoding
  }

  private static let otherNames = [
    "utf8": "utf-8", "utf16": "utf-16", "latin1": "latin-1", "iso-8859-1": "latin-1",
    "iso8859-1": "latin-1",
    "latin9": "latin-9", "iso-8859-15": "latin-9", "iso8859-15": "latin-9",
    "cp1250": "windows-1250",
    "cp1252": "windows-1252", "macroman": "mac-roman", "ansi": "windows-1252",
  ]
}
