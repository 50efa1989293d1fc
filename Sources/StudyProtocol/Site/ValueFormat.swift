/// The format in which a site writes numbers and dates, for a whole table or for one element.
public struct ValueFormat: Codable, Sendable, Equatable {
  /// The decimal separator, `.` or `,`; `nil` means a point.
  public var decimal: String?
  /// The thousands separator: `.`, `,`, an apostrophe or a blank; `nil` for none.
  public var thousands: String?
  /// The formats of dates, such as `DD.MM.YYYY`; empty means `YYYY-MM-DD`.
  public var dates: [String]

  public init(decimal: String? = nil, thousands: String? = nil, dates: [String] = []) {
    self.decimal = decimal
    self.thousands = thousands
    self.dates = dates
  }

  private enum CodingKeys: String, CodingKey { case decimal, thousands, dates }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    decimal = try box.decodeIfPresent(String.self, forKey: .decimal)
    thousands = try box.decodeIfPresent(String.self, forKey: .thousands)
    dates = try box.decodeIfPresent([String].self, forKey: .dates) ?? []
  }

  /// Leaves out unset keys, so that the digests of existing site files stay the same.
  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: CodingKeys.self)
    try box.encodeIfPresent(decimal, forKey: .decimal)
    try box.encodeIfPresent(thousands, forKey: .thousands)
    if !dates.isEmpty { try box.encode(dates, forKey: .dates) }
  }

  /// The format of an element, with unset properties taken from its table.
  public func over(_ table: ValueFormat) -> ValueFormat {
    ValueFormat(
      decimal: decimal ?? table.decimal, thousands: thousands ?? table.thousands,
      dates: dates.isEmpty ? table.dates : dates)
  }
}

/// The meaning of a value beyond a limit of detection, such as `< 0.5`.
public enum CensoredValue: String, Codable, Sendable, CaseIterable {
  /// The value is read as half the limit; only for values below the limit.
  case half
  case limit
  /// The value is read as zero; only for values below the limit.
  case zero
  /// The value is treated as missing.
  case missing
}

/// The unit of a duration between two dates.
public enum DurationUnit: String, Codable, Sendable, CaseIterable {
  case days
  /// Months of 30.4375 days.
  case months
  /// Years of 365.25 days.
  case years

  var days: Double {
    switch self {
    case .days: 1
    case .months: 365.25 / 12
    case .years: 365.25
    }
  }

  /// The site file's key for a duration in this unit, such as `days-between`.
  var key: String { rawValue + "-between" }
}
