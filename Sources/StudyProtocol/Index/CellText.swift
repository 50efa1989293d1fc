import Foundation

/// A cell or column name without what nobody sees: unusual blanks, zero-width and control characters.
struct CellText {
  /// In composed form (NFC), with plain blanks, trimmed.
  let text: String
  /// Whether something was left out or replaced; the composed form alone does not count.
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
    // Two texts are equal if they are canonically equivalent.
    isChanged = text != raw
  }

  /// Printable ASCII without blanks at the ends and without a formula: nearly every cell.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return true }
    return first > 0x20 && last > 0x20 && first != UInt8(ascii: "=")
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  /// What stands for a character: itself, a plain blank for any other blank, nothing for one that nobody
  /// sees.
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

  /// Letters and marks that are drawn as nothing.
  private static let fillers: Set<Unicode.Scalar> = [
    "\u{034F}", "\u{115F}", "\u{1160}", "\u{17B4}", "\u{17B5}", "\u{2800}", "\u{3164}", "\u{FE0E}",
    "\u{FE0F}",
    "\u{FFA0}",
  ]

  /// The text in a spreadsheet's `="001"`, by which leading zeros survive.
  private static func formula(_ text: String) -> String {
    guard text.hasPrefix("=\""), text.hasSuffix("\""), text.count > 2 else { return text }
    let inner = text.dropFirst(2).dropLast()
    return inner.contains("\"") ? text : String(inner)
  }
}
