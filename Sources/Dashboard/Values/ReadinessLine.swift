import FederatedCore
import Foundation

/// What one site's rehearsal found.
public struct ReadinessLine: Sendable, Equatable {
  public enum Verdict: String, Sendable, CaseIterable { case good, warning, bad }

  /// One thing that was checked: the data against the elements, disk, memory, clock, bandwidth, one timed batch.
  public struct Check: Sendable, Equatable {
    /// The heading of its column, the same at all sites.
    public var name: String
    public var verdict: Verdict
    /// In few words: `41 GB free`.
    public var finding: String

    public init(_ name: String, _ verdict: Verdict, _ finding: String) {
      self.name = name
      self.verdict = verdict
      self.finding = finding
    }
  }

  public var site: SiteID
  public var title: String?
  /// Empty where the site has not rehearsed.
  public var checks: [Check]
  /// When the site rehearsed.
  public var time: Date?
  /// The seconds that a round will take there, by forecast.
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

  /// The worst of its checks; nil where there are none.
  public var verdict: Verdict? {
    [.bad, .warning, .good].first { verdict in checks.contains { $0.verdict == verdict } }
  }
}
