import FederatedCore
import Foundation
import StudyProtocol
import StudyRuns

/// How long a study waits for its sites. Used both by the run and by the pages that show it.
///
/// The study waits for a required site indefinitely.
struct SitePatience: Sendable {
  let required: Set<SiteID>
  /// How long a study waits for optional sites at its start. In a round, this duration is added to a multiple
  /// of the predicted time.
  let patience: Duration
  /// How long a study waits for work that only an optional site can do, such as its own baseline.
  let absence: Duration
  /// The measurements of the rehearsal; empty before it.
  let forecast: [SiteForecast]

  /// The time after which an arm continues without optional sites; `nil` if all members are required.
  func deadline(of arm: String, members: [SiteID]) -> Duration? {
    guard members.contains(where: { !required.contains($0) }) else { return nil }
    let isShared =
      ![NetworkPlan.statistics, NetworkPlan.rehearsal, NetworkPlan.tests].contains(arm) && members.count > 1
    return isShared ? round : absence
  }

  /// The deadline of a round: four times the longest predicted round time, plus the patience.
  private var round: Duration {
    .seconds(4 * min(forecast.map(\.round).max() ?? 0, Self.longestRound)) + patience
  }

  /// The number of seconds after which a site is shown as late.
  ///
  /// - Parameters:
  ///   - arms: the number of arms that the site serves in turn.
  ///   - deadline: the time after which the study continues without the site. The site counts as late after
  ///     half of that time at the latest.
  func allowance(for site: SiteID, arms: Int, deadline: Duration?) -> TimeInterval {
    let expected = forecast.first { $0.site == site }?.round ?? Self.unknownRound
    let usual = 2 * min(expected, Self.longestRound) * Double(max(1, arms)) + Self.grace
    return min(usual, deadline.map { $0 / .seconds(2) } ?? .infinity)
  }

  /// The longest predicted round time that deadlines take into account, in seconds: a week.
  private static let longestRound = 7.0 * 86_400
  /// The assumed round time of a site without a prediction, in seconds.
  private static let unknownRound = 60.0
  private static let grace = 20.0
}
