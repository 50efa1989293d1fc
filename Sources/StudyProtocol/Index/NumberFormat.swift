/// Reads numbers as a site writes them: with a decimal point or comma, with or without a thousands separator.
struct NumberFormat {
  private let decimal: Character
  private let thousands: Set<Character>

  init(_ format: ValueFormat) {
    decimal = format.decimal == "," ? "," : "."
    // Accept straight and curly apostrophes. All blanks have already been replaced by plain blanks.
    thousands =
      switch format.thousands {
      case nil: []
      case "'"?, "’"?: ["'", "’"]
      case let mark?: Set(mark)
      }
  }

  /// The finite number in a text; `nil` if the text is not a number in this format.
  func number(_ text: String) -> Double? { plain(text).flatMap(YAMLReader.decimal) }

  /// The text with a decimal point and without thousands separators.
  private func plain(_ text: String) -> String? {
    var rest = text[...]
    var sign = ""
    if let first = rest.first, "+-−".contains(first) {
      sign = first == "+" ? "" : "-"
      rest.removeFirst()
    }
    let mantissa = rest.prefix { $0 != "e" && $0 != "E" }
    let parts = mantissa.split(separator: decimal, omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Self.withoutMarks(parts[0], thousands) else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    let digits = whole + fraction
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return "\(sign)\(whole)\(fraction.isEmpty ? "" : ".")\(fraction)\(rest[mantissa.endIndex...])"
  }

  /// The digits before the decimal separator, without thousands separators; `nil` if the separators do not
  /// divide the digits into groups of three.
  private static func withoutMarks(_ text: Substring, _ marks: Set<Character>) -> String? {
    let groups = text.split(omittingEmptySubsequences: false) { marks.contains($0) }
    guard groups.count > 1 else { return String(text) }
    let isGrouped =
      (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }
    return isGrouped ? groups.joined() : nil
  }

  /// The reason why a text is not a number in this format, with advice.
  func advice(_ text: String) -> String {
    if text.hasPrefix("#") {
      return "it is a spreadsheet's error value; correct the table, or list the text under `missing`"
    }
    if decimal == ",", NumberFormat(ValueFormat()).number(text) != nil {
      return
        "it has a decimal point, but the site file declares decimal commas; write all numbers of a column the same way"
    }
    if decimal == ".", NumberFormat(ValueFormat(decimal: ",")).number(text) != nil {
      return
        "it has a comma; write `decimal: \",\"` for the table or the element if that is a decimal comma, or "
        + "`thousands: \",\"` if it separates thousands"
    }
    for (mark, parting) in [(",", "."), (",", " "), (".", ","), (".", "'"), (".", " ")]
    where NumberFormat(ValueFormat(decimal: mark, thousands: parting)).number(text) != nil {
      return
        "it has thousands separators; write `decimal: \"\(mark)\"` and `thousands: \"\(parting)\"` for the table or the element"
    }
    if DateFormat.isLikely(text) {
      return
        "it looks like a date; a duration comes from two dates, such as `{days-between: [start, end]}`"
    }
    let mark = decimal == "," ? "comma" : "point"
    return
      "it is not a finite number; write it with a decimal \(mark), or list the text under `missing`"
  }
}
