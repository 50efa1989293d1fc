import FederatedCore

/// Reads one element's values from the texts in a site's table: numbers, categories and durations in the
/// site's own notation.
struct CellReader {
  private let element: CommonDataElement
  private let mapping: ElementMapping?
  private let numbers: NumberFormat
  private let dates: [DateFormat]

  init(of element: CommonDataElement, site: SiteDefinition) {
    self.element = element
    mapping = site.elements[element.name]
    let format = mapping?.format.over(site.table.format) ?? site.table.format
    numbers = NumberFormat(format)
    dates = format.dates.isEmpty ? [.iso] : format.dates.compactMap { DateFormat($0) }
  }

  /// The result of reading a text that does not mean "missing".
  func outcome(_ text: String) -> RecordReader.Outcome {
    guard element.kind == .number else { return category(text) }
    if let censored = CensoredText(text) { return number(censored, text) }
    guard let local = numbers.number(text) else {
      return .broken(.number, numbers.advice(text), place: nil, value: text)
    }
    return ranged(local, text)
  }

  private func number(_ censored: CensoredText, _ text: String) -> RecordReader.Outcome {
    guard let limit = numbers.number(String(censored.limit)) else {
      return .broken(.number, numbers.advice(String(censored.limit)), place: nil, value: text)
    }
    guard let meaning = censored.isBelow ? mapping?.below : mapping?.above else {
      let way =
        censored.isBelow ? "`below: half` (or limit, zero, missing)" : "`above: limit` (or missing)"
      return .broken(
        .number,
        "it is beyond a limit of detection; define its meaning in the site file: \(way) under `elements.\(element.name)`",
        place: nil, value: text)
    }
    if meaning == .half, limit < 0 {
      return .broken(
        .number, "half of a negative limit is not below it; write `below: limit` (or missing)",
        place: nil, value: text)
    }
    return censored.number(limit, as: meaning).map { ranged($0, text) } ?? .missing
  }

  /// Converts a local number to the study's unit, and checks that it is in the element's range.
  private func ranged(_ local: Double, _ text: String) -> RecordReader.Outcome {
    let value = local * (mapping?.scale ?? 1) + (mapping?.offset ?? 0)
    if let range = element.range, !range.contains(value) {
      let unit = element.unit.map { " " + UnitText.after(range.upperBound, $0) } ?? ""
      return .broken(
        .range,
        "it is outside \(range.lowerBound.short) to \(range.upperBound.short)\(unit); check the unit (`scale`, `offset`) or list the code under `missing`",
        place: nil, value: text)
    }
    return .value(.number(value))
  }

  private func category(_ text: String) -> RecordReader.Outcome {
    let mapped = mapping?.values ?? [:]
    let normal = numbers.number(text).map { CodeSet.normalised(String($0)) } ?? text
    let code =
      mapped[text] ?? mapped[normal] ?? (element.index(ofCode: text) == nil ? normal : text)
    guard let index = element.index(ofCode: code) ?? element.index(ofCode: CodeSet.normalised(code))
    else {
      let permitted = element.values.map { "\($0.code) (\($0.label))" }.joined(separator: ", ")
      return .broken(
        .code,
        "its code is not permitted; the study permits \(permitted); map the site's own codes under `elements.\(element.name).values`",
        place: nil, value: text)
    }
    return .value(.category(index))
  }

  /// The longest plausible duration between two dates, in days: 150 years.
  private static let longestLife = 54_787

  /// The time from the date in one cell to the date in a second cell. The caller has checked that neither
  /// value is missing.
  func duration(from start: String, to end: String, unit: DurationUnit) -> RecordReader.Outcome {
    var days: [Int] = []
    for text in [start, end] {
      let found = Set(dates.compactMap { $0.day(text) })
      guard let day = found.first, found.count == 1 else {
        return .broken(
          .number,
          found.isEmpty
            ? "it is not a date in the declared format; declare the format in the site file, such as `dates: DD.MM.YYYY` (default YYYY-MM-DD)"
            : "the date means different days in the declared formats; declare one format per column",
          place: nil, value: text)
      }
      days.append(day)
    }
    let elapsed = Double(days[1] - days[0]) / unit.days
    if elapsed < 0, (element.range?.lowerBound ?? 0) >= 0 {
      return .broken(
        .range,
        "the second date is before the first; check the order of the columns and the format of the dates",
        place: nil, value: "\(start), \(end)")
    }
    if element.range == nil, abs(days[1] - days[0]) > Self.longestLife {
      return .broken(
        .range,
        "the dates are more than 150 years apart; list dates that stand for 'unknown' under `missing`, or give the "
          + "element a `range`",
        place: nil, value: "\(start), \(end)")
    }
    return .dated(ranged(elapsed, "\(start), \(end)"), min(days[0], days[1])...max(days[0], days[1]))
  }
}
