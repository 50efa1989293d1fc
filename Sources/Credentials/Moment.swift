import Foundation

/// The format of times in certificates, signatures and lists: whole seconds, as text in ISO 8601 in UTC.
package enum Moment {
  /// The dates that X.509 can express, from 1970 on.
  package static let range = Date(timeIntervalSince1970: 0)...Date(timeIntervalSince1970: 253_402_300_799)

  package static func wholeSeconds(_ date: Date) -> Date {
    Date(timeIntervalSince1970: clamped(date).timeIntervalSince1970.rounded(.down))
  }

  package static func clamped(_ date: Date) -> Date { min(max(date, range.lowerBound), range.upperBound) }

  /// Formats a date, for example as `2027-03-01T09:30:00Z`.
  package static func text(_ date: Date) -> String { wholeSeconds(date).formatted(.iso8601) }

  package static func parse(_ text: String) -> Date? {
    guard let date = try? Date(text, strategy: .iso8601), range.contains(date) else { return nil }
    return date
  }
}
