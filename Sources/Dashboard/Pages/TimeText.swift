import Foundation
import Reporting

/// Formats times for pages: in UTC, since sites are in several time zones.
public enum TimeText {
  /// Formats a time: `25 Nov 2026, 21:04`.
  public static func text(_ time: Date) -> String {
    let parts = utc.dateComponents([.year, .month, .day, .hour, .minute], from: time)
    return "\(day(parts)), \(two(parts.hour)):\(two(parts.minute))"
  }

  /// Formats a day: `25 Nov 2026`.
  static func day(_ time: Date) -> String { day(utc.dateComponents([.year, .month, .day], from: time)) }

  /// A time in readable and in machine-readable form; a script adds the reader's local time. A dash if there
  /// is no time.
  static func markup(_ time: Date?, onlyDay: Bool = false) -> Markup {
    guard let time else { return tag("span") { "–" } }
    return tag("time", ["datetime": time.formatted(.iso8601), "data-clock": onlyDay ? nil : ""]) {
      onlyDay ? day(time) : text(time) + " UTC"
    }
  }

  /// Formats a time that is shown next to another time: `21:04` if both are on the same day, otherwise with
  /// the date.
  static func clock(_ time: Date, beside other: Date) -> String {
    guard day(time) == day(other) else { return text(time) }
    let parts = utc.dateComponents([.hour, .minute], from: time)
    return "\(two(parts.hour)):\(two(parts.minute))"
  }

  /// Formats a time relative to now: `3 min ago`, `in 2 days`, `now`.
  static func distance(to time: Date, from now: Date) -> String {
    let seconds = time.timeIntervalSince(now)
    guard abs(seconds) >= 5 else { return "now" }
    let length = rough(abs(seconds))
    return seconds < 0 ? "\(length) ago" : "in \(length)"
  }

  /// A number and its unit: `45 s`, `3 min`, `2 h`, `5 days`.
  static func rough(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    switch seconds {
    case ..<90: return "\(Int(seconds.rounded())) s"
    case ..<5400: return "\(Int((seconds / 60).rounded())) min"
    case ..<129_600: return "\(Int((seconds / 3600).rounded())) h"
    default: return NumberText.count(Int((min(seconds, 1e12) / 86400).rounded()), "day")
    }
  }

  private static func day(_ parts: DateComponents) -> String {
    let month = (parts.month ?? 1) - 1
    return "\(parts.day ?? 0) \(months.indices.contains(month) ? months[month] : "") \(parts.year ?? 0)"
  }

  private static func two(_ value: Int?) -> String { (value ?? 0) < 10 ? "0\(value ?? 0)" : "\(value ?? 0)" }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static let utc: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()
}
