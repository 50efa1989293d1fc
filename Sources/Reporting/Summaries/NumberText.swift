import FederatedCore

/// Formats numbers for reports.
package enum NumberText {
  /// Formats a number with a fixed number of decimals and a true minus sign; `–` if it is not finite.
  package static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "–" }
    let power = (0..<digits).reduce(1) { power, _ in power * 10 }
    let scaled = Int((abs(value) * Double(power)).rounded())
    let sign = value < 0 && scaled > 0 ? "\u{2212}" : ""
    guard digits > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % power)
    return sign + "\(scaled / power)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  package static func percent(_ value: Double) -> String { fixed(100 * value, digits: 1) + "\u{A0}%" }

  /// Formats an interval of proportions in per cent: `4.4 to 22.2`; `nil` without an interval.
  package static func percentRange(_ estimate: SummaryEstimate) -> String? {
    guard let low = estimate.low, let high = estimate.high else { return nil }
    return [low, high].map { fixed(100 * $0, digits: 1) }.joined(separator: "\u{A0}to\u{A0}")
  }

  package static func withInterval(_ estimate: SummaryEstimate, _ text: (Double) -> String) -> String {
    guard let low = estimate.low, let high = estimate.high else { return text(estimate.value) }
    return "\(text(estimate.value)) (\(text(low)) to \(text(high)))"
  }

  /// Formats an integer, with thousands separated by narrow spaces.
  package static func grouped(_ value: Int) -> String {
    let digits = String(value)
    guard value >= 10_000 else { return digits }
    var groups: [Substring] = []
    var rest = digits[...]
    while !rest.isEmpty {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    return groups.joined(separator: "\u{202F}")
  }

  /// A number with a noun: `1 patient`, `2 patients`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// A number with the unit's noun: `1 lesion`, `20 lesions`.
  package static func count(_ value: Int, _ unit: UnitOfAnalysis) -> String {
    "\(grouped(value)) \(unit.noun(value))"
  }

  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    let whole = Int(seconds.rounded())
    if seconds < 10 { return fixed(seconds, digits: 1) + " s" }
    if whole < 120 { return "\(whole) s" }
    if whole < 7200 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
