extension TrainingHours.Window: CustomStringConvertible {
  /// Reads `18:00-07:00`, for every day, or a text with days before the times, such as `mon-fri 18:00-07:00`
  /// and `sat,sun 00:00-24:00`.
  ///
  /// Returns `nil` if the text has a different format or the window is empty.
  public init?(_ description: String) {
    let words = description.lowercased().split(separator: " ").map(String.init)
    guard let hours = words.last, words.count <= 2,
      let days = words.count == 2 ? Self.days(words[0]) : Set(Day.allCases)
    else { return nil }
    let times = hours.split(separator: "-", omittingEmptySubsequences: false).map { Self.minutes(String($0)) }
    guard times.count == 2, let start = times[0], let end = times[1], start < 1440, start != end else {
      return nil
    }
    // The window 18:00-00:00 ends with the day.
    self.init(days: days, start: start, end: end == 0 ? 1440 : end)
  }

  public var description: String {
    let hours = "\(Self.text(start))-\(Self.text(end))"
    if days.count == Day.allCases.count { return hours }
    return Day.allCases.filter(days.contains).map(\.rawValue).joined(separator: ",") + " " + hours
  }

  /// Reads `mon`, `mon-fri`, `fri-mon` or a comma-separated list of these.
  private static func days(_ text: String) -> Set<Day>? {
    var days: Set<Day> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        Day(rawValue: String($0))
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
        return nil
      }
      for step in 0...((last.index - first.index + 7) % 7) {
        days.insert(Day.allCases[(first.index + step) % 7])
      }
    }
    return days
  }

  private static func minutes(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})/), let hour = Int(match.1),
      let minute = Int(match.2), minute < 60, hour < 24 || hour == 24 && minute == 0
    else { return nil }
    return hour * 60 + minute
  }

  private static func text(_ minutes: Int) -> String {
    let pad = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    return "\(pad(minutes / 60)):\(pad(minutes % 60))"
  }
}

extension TrainingHours: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self), text == "always" {
      self = .always
      return
    }
    windows = try container.decode([String].self).map { text in
      guard let window = Window(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a window of time")
      }
      return window
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if windows.isEmpty {
      try container.encode("always")
    } else {
      try container.encode(windows.map(\.description))
    }
  }
}
