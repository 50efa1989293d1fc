import Foundation

/// The text of a cell or column name without invisible content: unusual blanks, zero-width and control
/// characters.
struct CellText {
  /// The text in composed form (NFC), with plain blanks, trimmed.
  let text: String
  /// Whether something was removed or replaced; composing alone is not a change.
  let isChanged: Bool

  init(_ raw: String) {
    guard !Self.isPlain(raw) else {
      text = raw
      isChanged = false
      return
    }
    var kept = String.UnicodeScalarView()
    for scalar in raw.unicodeScalars {
      if let scalar = Self.visible(scalar) { kept.append(scalar) }
    }
    let trimmed = String(kept).trimmingCharacters(in: .whitespacesAndNewlines)
    text = Self.formula(trimmed).precomposedStringWithCanonicalMapping
    // `String` compares canonically equivalent texts as equal, so composing alone is not a change.
    isChanged = text != raw
  }

  /// Whether the text is printable ASCII, without blanks at its ends and without a formula. Nearly every cell
  /// is such a text, so it is tested first.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return true }
    return first > 0x20 && last > 0x20 && first != UInt8(ascii: "=")
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  /// The replacement of a character: a plain blank for any blank, nothing for an invisible character,
  /// otherwise itself.
  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    if scalar.isASCII {
      return scalar.value >= 0x20 && scalar.value != 0x7F
        || "\t\n\r".unicodeScalars.contains(scalar) ? scalar : nil
    }
    if fillers.contains(scalar) { return nil }
    switch scalar.properties.generalCategory {
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: return " "
    case .control, .format: return nil
    default: return scalar
    }
  }

  /// Letters and marks that are invisible.
  private static let fillers: Set<Unicode.Scalar> = [
    "\u{034F}", "\u{115F}", "\u{1160}", "\u{17B4}", "\u{17B5}", "\u{2800}", "\u{3164}", "\u{FE0E}",
    "\u{FE0F}",
    "\u{FFA0}",
  ]

  /// The text in a formula such as `="001"`. Spreadsheets write such formulas to preserve leading zeros.
  private static func formula(_ text: String) -> String {
    guard text.hasPrefix("=\""), text.hasSuffix("\""), text.count > 2 else { return text }
    let inner = text.dropFirst(2).dropLast()
    return inner.contains("\"") ? text : String(inner)
  }
}
