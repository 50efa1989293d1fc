import Foundation

/// The hours of the week in which a site trains, by its own clock.
public struct TrainingHours: Sendable, Equatable {
  /// The windows in which training may run; empty if it may always run.
  public var windows: [Window]

  public static let always = Self(windows: [])

  public init(windows: [Window]) { self.windows = windows }

  /// A period on some days of the week. If it ends before it begins, it continues past midnight.
  public struct Window: Sendable, Equatable {
    public enum Day: String, Sendable, CaseIterable { case mon, tue, wed, thu, fri, sat, sun }

    /// The days on which the window begins.
    public var days: Set<Day>
    /// The start of the window, in minutes after midnight.
    public var start: Int
    /// The end of the window, in minutes after midnight, up to 1440.
    public var end: Int

    public var passesMidnight: Bool { end < start }
  }

  /// Whether training may run at this date and time.
  ///
  /// - Parameter calendar: A calendar with the site's time zone.
  public func contain(_ date: Date, in calendar: Calendar) -> Bool {
    guard !windows.isEmpty else { return true }
    let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
    let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
    let today = Window.Day(weekday: parts.weekday ?? 1)
    return windows.contains { $0.contains(minute, on: today) }
  }

  /// The next time when training may run; `date` itself if it may run then.
  ///
  /// - Parameter calendar: A calendar with the site's time zone.
  public func nextOpening(after date: Date, in calendar: Calendar) -> Date {
    if contain(date, in: calendar) { return date }
    let today = calendar.startOfDay(for: date)
    // Check today and the next eight days. Each window opens at least once a week, but today's opening may
    // have passed already.
    let openings = (0...8).flatMap { offset -> [Date] in
      guard let day = calendar.date(byAdding: .day, value: offset, to: today) else { return [] }
      let name = Window.Day(weekday: calendar.component(.weekday, from: day))
      return windows.filter { $0.days.contains(name) }.compactMap {
        // If the clock skips that time because daylight saving begins, the next existing time is used.
        calendar.date(bySettingHour: $0.start / 60, minute: $0.start % 60, second: 0, of: day)
      }
    }
    return openings.filter { $0 > date && contain($0, in: calendar) }.min() ?? date
  }
}

extension TrainingHours.Window {
  fileprivate func contains(_ minute: Int, on day: Day) -> Bool {
    if days.contains(day), minute >= start, passesMidnight || minute < end { return true }
    return passesMidnight && days.contains(day.before) && minute < end
  }
}

extension TrainingHours.Window.Day {
  /// - Parameter weekday: The weekday as `Calendar` numbers it: 1 is Sunday.
  init(weekday: Int) { self = Self.allCases[(weekday + 5) % 7] }

  var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  fileprivate var before: Self { Self.allCases[(index + 6) % 7] }
}
