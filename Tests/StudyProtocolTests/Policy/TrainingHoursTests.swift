import Foundation
import StudyProtocol
import Testing

@Suite struct TrainingHoursTests {
  private static func calendar(_ zone: String) throws -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: zone))
    return calendar
  }

  private static func hours(_ texts: String...) throws -> TrainingHours {
    TrainingHours(windows: try texts.map { try #require(TrainingHours.Window($0)) })
  }

  /// A date and time in the week that begins on Monday, 1 March 2027.
  private static func date(_ day: Int, _ hour: Int, _ minute: Int = 0, in calendar: Calendar, month: Int = 3)
    throws
    -> Date
  {
    try #require(
      calendar.date(from: DateComponents(year: 2027, month: month, day: day, hour: hour, minute: minute)))
  }

  @Test(arguments: [
    (17, 59, false), (18, 0, true), (23, 59, true), (0, 0, true), (6, 59, true), (7, 0, false),
    (12, 0, false),
  ])
  func hoursPastMidnight(hour: Int, minute: Int, isOpen: Bool) throws {
    let calendar = try Self.calendar("Europe/Berlin")
    let policy = SitePolicy(hours: try Self.hours("18:00-07:00"))
    for day in 1...7 {
      #expect(policy.mayTrain(at: try Self.date(day, hour, minute, in: calendar), in: calendar) == isOpen)
    }
  }

  @Test(arguments: [
    // Nights from Monday to Friday, by the day on which they begin, and the whole weekend.
    (1, 3, false), (1, 19, true), (2, 3, true), (5, 19, true), (6, 3, true), (6, 12, true), (7, 23, true),
    (8, 3, false), (8, 12, false),
  ])
  func daysOfTheWeek(day: Int, hour: Int, isOpen: Bool) throws {
    let calendar = try Self.calendar("UTC")
    let hours = try Self.hours("mon-fri 18:00-07:00", "sat,sun 00:00-24:00")
    #expect(hours.contain(try Self.date(day, hour, in: calendar), in: calendar) == isOpen)
  }

  @Test func hoursFollowTheSitesClock() throws {
    let hours = try Self.hours("18:00-07:00")
    let noonInUTC = try Self.date(1, 12, in: Self.calendar("UTC"))
    #expect(try !hours.contain(noonInUTC, in: Self.calendar("Europe/Berlin")))
    #expect(try hours.contain(noonInUTC, in: Self.calendar("Asia/Tokyo")))
  }

  @Test func findsTheNextOpening() throws {
    let calendar = try Self.calendar("Europe/Berlin")
    let policy = SitePolicy(hours: try Self.hours("mon-fri 18:00-07:00"))
    let cases = [
      // The moment asked about, and the expected opening: the same moment if training may run then.
      ((1, 12, 0), (1, 18, 0)), ((1, 18, 30), (1, 18, 30)), ((2, 8, 0), (2, 18, 0)), ((6, 8, 0), (8, 18, 0)),
    ]
    for (from, to) in cases {
      let opening = policy.nextOpening(
        after: try Self.date(from.0, from.1, from.2, in: calendar), in: calendar)
      #expect(opening == (try Self.date(to.0, to.1, to.2, in: calendar)))
    }
    #expect(SitePolicy().nextOpening(after: .distantPast, in: calendar) == .distantPast)
  }

  @Test func findsWeeklyOpeningFromAnyDay() throws {
    let calendar = try Self.calendar("UTC")
    let hours = try Self.hours("wed 01:00-02:00")
    for day in 1...9 {
      let from = try Self.date(day, 12, in: calendar)
      let wednesday = day < 3 ? 3 : day < 10 ? 10 : 17
      #expect(hours.nextOpening(after: from, in: calendar) == (try Self.date(wednesday, 1, in: calendar)))
    }
  }

  /// On 28 March 2027, clocks in Berlin skip from 2 to 3.
  @Test func openingSkippedByTheClockBeginsLater() throws {
    let calendar = try Self.calendar("Europe/Berlin")
    let hours = try Self.hours("02:30-05:00")
    let opening = hours.nextOpening(after: try Self.date(28, 0, in: calendar), in: calendar)
    #expect(opening == (try Self.date(28, 3, in: calendar)))
    #expect(hours.contain(opening, in: calendar))
  }

  @Test(arguments: [
    ("18:00-07:00", "18:00-07:00"), ("18:00-00:00", "18:00-24:00"), ("00:00-24:00", "00:00-24:00"),
    ("mon-sun 01:00-02:00", "01:00-02:00"), ("fri-mon 01:00-02:00", "mon,fri,sat,sun 01:00-02:00"),
    ("Sat,Tue-Wed 01:00-02:00", "tue,wed,sat 01:00-02:00"),
  ])
  func windowsAsText(text: String, canonical: String) throws {
    let window = try #require(TrainingHours.Window(text))
    #expect(window.description == canonical)
    #expect(TrainingHours.Window(canonical) == window)
  }

  @Test(arguments: [
    "", "18:00", "18:00-", "18:00-18:00", "24:00-07:00", "18:00-25:00", "18:60-07:00", "6:00-07:00", "18-07",
    "18:00-07:00-08:00", "days 18:00-07:00", "mon- 18:00-07:00", "mon, 18:00-07:00", "mon tue 18:00-07:00",
    "mon-tue-wed 18:00-07:00", "18:00 - 07:00",
  ])
  func otherTextsAreNoWindow(text: String) { #expect(TrainingHours.Window(text) == nil) }
}
