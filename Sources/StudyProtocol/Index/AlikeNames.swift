import Foundation

/// Names that differ only in what people and programs change by mistake: case, leading zeros, blanks and the
/// form of a number.
enum AlikeNames {
  /// The difference between the names of a group.
  enum Difference: Int, CaseIterable {
    case letterCase, zeros, form

    var words: String {
      switch self {
      case .letterCase: "in upper and lower case alone"
      case .zeros: "in leading zeros alone"
      case .form: "in blanks, hyphens or the form of a number (1 and 1.0) alone"
      }
    }
  }

  /// A key that is equal for similar names.
  static func key(_ name: String) -> String {
    withoutZeros(
      withoutFraction(name.precomposedStringWithCompatibilityMapping.lowercased())
        .split { $0.isWhitespace || "-_".contains($0) }.joined(separator: "-"))
  }

  /// The difference between two similar names; `nil` if they are equal or not similar.
  static func difference(_ one: String, _ other: String) -> Difference? {
    if one == other || key(one) != key(other) { return nil }
    if one.lowercased() == other.lowercased() { return .letterCase }
    return withoutZeros(one.lowercased()) == withoutZeros(other.lowercased()) ? .zeros : .form
  }

  /// The names that are similar to another one, by their difference.
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
      // A run of only zeros becomes one zero.
      if pending > 0, !isDigit { result += "0" }
      pending = 0
      isInNumber = isDigit
      result.append(character)
    }
    return pending > 0 ? result + "0" : result
  }

  /// Removes `.0` from a whole number.
  private static func withoutFraction(_ text: String) -> String {
    guard let point = text.firstIndex(where: { $0 == "." || $0 == "," }), point > text.startIndex,
      text[..<point].allSatisfy(\.isNumber), text[point...].dropFirst().allSatisfy({ $0 == "0" })
    else { return text }
    return String(text[..<point])
  }
}
