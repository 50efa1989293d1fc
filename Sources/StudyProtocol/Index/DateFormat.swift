/// Reads dates of one format, such as `DD.MM.YYYY`, `MM/DD/YYYY`, `DD-MMM-YYYY` or `YYYYMMDD`.
///
/// `excel` is a spreadsheet's number of days since 30 December 1899. A time of day after the date is ignored.
struct DateFormat: Equatable {
  private enum Part: Equatable {
    case year, month, monthName, day
    case text(Character)
  }

  private let parts: [Part]
  private let isSerial: Bool

  static let iso = DateFormat(
    parts: [.year, .text("-"), .month, .text("-"), .day], isSerial: false)

  private init(parts: [Part], isSerial: Bool) {
    self.parts = parts
    self.isSerial = isSerial
  }

  /// Returns `nil` unless the pattern is `excel` or has one four-digit year, one month and one day.
  init?(_ pattern: String) {
    let upper = pattern.uppercased()
    guard upper != "EXCEL" else {
      self.init(parts: [], isSerial: true)
      return
    }
    let names: [(String, Part)] = [
      ("YYYY", .year), ("MMM", .monthName), ("MM", .month), ("DD", .day),
    ]
    var parts: [Part] = []
    var rest = upper[...]
    while let first = rest.first {
      if let (name, part) = names.first(where: { rest.hasPrefix($0.0) }) {
        parts.append(part)
        rest = rest.dropFirst(name.count)
      } else {
        guard !first.isLetter, !first.isNumber else { return nil }
        parts.append(.text(first))
        rest = rest.dropFirst()
      }
    }
    guard parts.compactMap(Self.kind).sorted() == [0, 1, 2] else { return nil }
    self.init(parts: parts, isSerial: false)
  }

  /// The place of a part among year, month and day: 0, 1 or 2; `nil` for fixed text.
  private static func kind(_ part: Part) -> Int? {
    switch part {
    case .year: 0
    case .month, .monthName: 1
    case .day: 2
    case .text: nil
    }
  }

  /// The number of days since 1 January 1970; `nil` if the text is not a date of this format.
  func day(_ text: String) -> Int? {
    if isSerial {
      guard let serial = YAMLReader.decimal(text), (1..<2_958_466).contains(serial) else {
        return nil
      }
      return Int(serial) - 25_569
    }
    var rest = text[...]
    var fields = [0, 0, 0]
    let isPacked = !parts.contains { if case .text = $0 { true } else { false } }
    for part in parts {
      if case .text(let character) = part {
        guard rest.popFirst() == character else { return nil }
      } else {
        guard let kind = Self.kind(part),
          let number = Self.take(part, isPacked: isPacked, from: &rest)
        else { return nil }
        fields[kind] = number
      }
    }
    guard rest.isEmpty || Self.isTime(rest) else { return nil }
    return Self.day(year: fields[0], month: fields[1], day: fields[2])
  }

  private static func take(_ part: Part, isPacked: Bool, from rest: inout Substring) -> Int? {
    if part == .monthName {
      let name = rest.prefix(3).lowercased()
      rest = rest.dropFirst(3)
      return months.firstIndex(of: name).map { $0 + 1 }
    }
    let width = part == .year ? 4 : 2
    let digits = rest.prefix(width).prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count == width || (part != .year && !isPacked) else { return nil }
    rest = rest.dropFirst(digits.count)
    return Int(digits)
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Whether a text is a time of day after a date: ` 10:30`, `T10:30:00.5Z`.
  private static func isTime(_ text: Substring) -> Bool {
    guard let first = text.first, first == " " || first == "T" else { return false }
    let time = text.dropFirst()
    return time.contains(":")
      && time.allSatisfy { $0.isASCII && ($0.isNumber || ":.+-Z".contains($0)) }
  }

  /// The number of days from 1 January 1970 to a date of the Gregorian calendar (Hinnant 2013); `nil` if
  /// there is no such day.
  static func day(year: Int, month: Int, day: Int) -> Int? {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year > 0, (1...12).contains(month), (1...lengths[month - 1]).contains(day) else {
      return nil
    }
    // Let the year begin in March, so that the leap day is its last day.
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  /// Formats a day, counted from 1 January 1970, as `YYYY-MM-DD`. The inverse of ``day(year:month:day:)``.
  static func text(ofDay day: Int) -> String {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // Months are counted from March, so that the leap day is the last day of a year.
    let fromMarch = (5 * ofYear + 2) / 153
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return [(year, 4), (month, 2), (ofYear - (153 * fromMarch + 2) / 5 + 1, 2)].map { number, width in
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }.joined(separator: "-")
  }

  /// Whether a text has the shape of a date.
  static func isLikely(_ text: String) -> Bool {
    let parts = text.split { "-./".contains($0) }
    return parts.count == 3 && parts.allSatisfy { $0.count <= 4 && $0.allSatisfy(\.isNumber) }
  }
}
