import FederatedCore
import Foundation

/// The result of a site's rehearsal.
public struct ReadinessLine: Sendable, Equatable {
  public enum Verdict: String, Sendable, CaseIterable { case good, warning, bad }

  /// A single check, such as that of the data against the elements, of the disk, or of the clock.
  public struct Check: Sendable, Equatable {
    /// The heading of the check's column, the same for all sites.
    public var name: String
    public var verdict: Verdict
    /// The result in a few words: `41 GB free`.
    public var finding: String

    public init(_ name: String, _ verdict: Verdict, _ finding: String) {
      self.name = name
      self.verdict = verdict
      self.finding = finding
    }
  }

  public var site: SiteID
  public var title: String?
  /// The checks; empty if the site has not rehearsed.
  public var checks: [Check]
  /// The time of the rehearsal.
  public var time: Date?
  /// The estimated number of seconds that a round takes at the site.
  public var roundForecast: Double?

  public init(
    site: SiteID, title: String? = nil, checks: [Check], time: Date? = nil, roundForecast: Double? = nil
  ) {
    self.site = site
    self.title = title
    self.checks = checks
    self.time = time
    self.roundForecast = roundForecast
  }

  /// The worst result of the checks; `nil` if there are none.
  public var verdict: Verdict? {
    [.bad, .warning, .good].first { verdict in checks.contains { $0.verdict == verdict } }
  }
}
