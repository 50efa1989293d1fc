import FederatedCore
import Foundation

extension SitePolicy {
  /// Whether training may run at this date and time.
  ///
  /// - Parameter calendar: A calendar with the site's time zone.
  public func mayTrain(at date: Date, in calendar: Calendar = .current) -> Bool {
    hours.contain(date, in: calendar)
  }

  /// The next time when training may begin; `date` itself if it may begin then.
  public func nextOpening(after date: Date, in calendar: Calendar = .current) -> Date {
    hours.nextOpening(after: date, in: calendar)
  }
}

extension SitePolicy.Release {
  /// Whether the metric with this name may leave. A name that is not among a study's metrics may leave only
  /// if all metrics may.
  func allows(metric name: String) -> Bool {
    metrics.map { $0.contains { $0.rawValue == name } } ?? true
  }
}
