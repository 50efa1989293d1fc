import FederatedCore
import Foundation

/// The rule for people's names: letters of any script, but no character that hides, reorders or breaks
/// surrounding text.
enum PersonName {
  /// The maximum length of a name in characters, which is X.520's limit for a common name.
  private static let longest = 64
  private static let marks: Set<Unicode.Scalar> = [" ", "-", "_", ".", "'", "\u{2019}", "\u{B7}", ","]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `name` cannot be a person's.
  static func check(_ name: String) throws(ConsiliumError) {
    guard isValid(name) else {
      throw ConsiliumError(
        .invalidInput,
        "\(name.quotedForMessage) cannot be a person's name: expected 1 to \(longest) letters of any language, digits, single "
          + "spaces, apostrophes, commas, '-', '_' or '.', with a letter or digit first, none but '.' after the last, and no control "
          + "or invisible characters")
    }
  }

  private static func isValid(_ name: String) -> Bool {
    let scalars = name.unicodeScalars
    guard (1...longest).contains(scalars.count), let first = scalars.first, let last = scalars.last,
      isLetterOrDigit(first), isLetterOrDigit(last) || isCombining(last) || last == ".",
      scalars.allSatisfy({ isLetterOrDigit($0) || isCombining($0) || marks.contains($0) }),
      !name.contains("  ")
    else { return false }
    // Reject ligatures, wide and mathematical letters: they imitate other letters.
    return Array(name.precomposedStringWithCompatibilityMapping.unicodeScalars) == Array(scalars)
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      return true
    default: return false
    }
  }

  /// Whether the character is an accent or a vowel sign, which combines with the letter before it.
  private static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
    guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
    return [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
  }
}
