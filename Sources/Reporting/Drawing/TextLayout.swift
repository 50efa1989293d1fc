/// Estimates the width of text in a sans-serif face, well enough to keep labels apart.
enum TextLayout {
  static func width(of text: String, size: Double) -> Double {
    size * text.unicodeScalars.reduce(0) { $0 + relativeWidth($1) }
  }

  /// The text, cut with an ellipsis if it is wider than `width`.
  static func fit(_ text: String, width limit: Double, size: Double) -> String {
    guard width(of: text, size: size) > limit else { return text }
    var kept = text
    while !kept.isEmpty, width(of: kept + "…", size: size) > limit { kept.removeLast() }
    return kept + "…"
  }

  /// Moves label positions as little as possible so that neighbours keep `gap` and all stay within `limits`.
  static func spread(_ positions: [Double], gap: Double, within limits: ClosedRange<Double>) -> [Double] {
    var result = positions
    let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    var floor = limits.lowerBound
    for index in order {
      result[index] = max(result[index], floor)
      floor = result[index] + gap
    }
    var ceiling = limits.upperBound
    for index in order.reversed() {
      result[index] = min(result[index], ceiling)
      ceiling = result[index] - gap
    }
    return result
  }

  private static func relativeWidth(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "t", "f", "r", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "-": 0.33
    case "m", "w", "M", "W", "@", "%": 0.9
    case "A"..."Z": 0.7
    case _ where scalar.value >= 0x2E80: 1
    default: 0.57
    }
  }
}
