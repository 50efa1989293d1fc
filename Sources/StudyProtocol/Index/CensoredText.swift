/// A number beyond a limit of detection, as laboratories write it: `< 0.5`, `≤0.5`, `> 500`.
struct CensoredText {
  let isBelow: Bool
  let limit: Substring

  /// Returns `nil` if the text does not begin with a sign such as `<` or `>`.
  init?(_ text: String) {
    guard let first = text.first, "<≤>≥".contains(first) else { return nil }
    isBelow = first == "<" || first == "≤"
    limit = text.dropFirst().drop { $0 == "=" || $0 == " " }
  }

  /// The number that replaces the text; `nil` if the value is missing.
  func number(_ limit: Double, as meaning: CensoredValue) -> Double? {
    switch meaning {
    case .half: limit / 2
    case .limit: limit
    case .zero: 0
    case .missing: nil
    }
  }
}
