import Foundation

/// Finds names that differ only by common mistakes of people and programs: case, leading zeros, blanks,
/// hyphens, number formats, and look-alike letters of a different alphabet.
enum AlikeNames {
  /// A kind of difference between two similar names.
  enum Difference: Int, CaseIterable {
    case letterCase, zeros, form, alphabet
    /// The file names differ in their ending, such as `1.png`, `1.jpg` and `1.png.png`.
    case ending

    var words: String {
      switch self {
      case .letterCase: "only in upper and lower case"
      case .zeros: "only in leading zeros"
      case .form: "only in blanks, hyphens or the form of a number (1 and 1.0)"
      case .alphabet: "only in letters of another alphabet that look the same"
      case .ending: "only in the ending"
      }
    }
  }

  /// A key that is equal for similar names.
  static func key(_ name: String) -> String {
    String(sameAlphabetKey(name).map { LookalikeLetters.latin[$0] ?? $0 })
  }

  /// A key that is equal for similar names within one alphabet.
  private static func sameAlphabetKey(_ name: String) -> String {
    let plain = name.precomposedStringWithCompatibilityMapping.lowercased()
    return withoutZeros(withoutSeparators(wholeNumber(plain) ?? plain))
  }

  /// The difference between two similar names; `nil` if they are equal or not similar.
  static func difference(_ one: String, _ other: String) -> Difference? {
    if one == other || key(one) != key(other) { return nil }
    if one.lowercased() == other.lowercased() { return .letterCase }
    if withoutZeros(one.lowercased()) == withoutZeros(other.lowercased()) { return .zeros }
    return sameAlphabetKey(one) == sameAlphabetKey(other) ? .form : .alphabet
  }

  /// The names that are similar to some other name, grouped by the kind of difference.
  static func groups(_ names: Set<String>) -> [Difference: Set<String>] {
    var found: [Difference: Set<String>] = [:]
    for group in Dictionary(grouping: names, by: key).values where group.count > 1 {
      let first = group[0]
      let differences = group.dropFirst().compactMap { difference(first, $0) }
      guard let difference = differences.max(by: { $0.rawValue < $1.rawValue }) else { continue }
      found[difference, default: []].formUnion(group)
    }
    return found
  }

  /// Removes leading zeros from each run of digits.
  private static func withoutZeros(_ text: String) -> String {
    var result = ""
    var pending = 0
    var isInNumber = false
    for character in text {
      let isDigit = character.isASCII && character.isNumber
      if character == "0", !isInNumber {
        pending += 1
        continue
      }
      // A run of zeros alone becomes one zero.
      if pending > 0, !isDigit { result += "0" }
      pending = 0
      isInNumber = isDigit
      result.append(character)
    }
    return pending > 0 ? result + "0" : result
  }

  /// Removes blanks, hyphens, underscores and apostrophes, but keeps one hyphen between two numbers: `1-11`
  /// is not `11-1`.
  private static func withoutSeparators(_ text: String) -> String {
    let isNumber = { (character: Character?) in character.map { $0.isASCII && $0.isNumber } ?? false }
    return text.split(whereSeparator: isSeparator).reduce(into: "") { joined, part in
      if isNumber(joined.last), isNumber(part.first) { joined.append("-") }
      joined += part
    }
  }

  private static func isSeparator(_ character: Character) -> Bool {
    character.isWhitespace || "_'’`´\u{2212}".contains(character)
      || character.unicodeScalars.first?.properties.generalCategory == .dashPunctuation
  }

  /// The whole number that `7.0`, `7,0` or `7e0` stands for, in its shortest form.
  private static func wholeNumber(_ text: String) -> String? {
    guard text.first?.isNumber == true,
      text.allSatisfy({ $0.isASCII && ($0.isNumber || ".,e+-".contains($0)) }),
      let number = YAMLReader.decimal(text.replacing(",", with: ".")), number.rounded() == number,
      number < 1e15
    else { return nil }
    return String(Int(number))
  }
}
