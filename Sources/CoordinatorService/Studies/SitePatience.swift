import FederatedCore
import Foundation
import StudyProtocol
import StudyRuns

/// How long a study waits for its sites; the same for the run and for the pages that show it.
///
/// A required site is waited for as long as it takes.
struct SitePatience: Sendable {
  let required: Set<SiteID>
  /// For optional sites: at the start, and in a round beyond the forecast.
  let patience: Duration
  /// For what only waits for an optional site.
  let absence: Duration
  /// What the rehearsal measured; empty before it.
  let forecast: [SiteForecast]

  /// The time after which an arm goes on without optional sites; `nil` if all its members are required.
  func deadline(of arm: String, members: [SiteID]) -> Duration? {
    guard members.contains(where: { !required.contains($0) }) else { return nil }
    let isShared = ![NetworkPlan.rehearsal, NetworkPlan.tests].contains(arm) && members.count > 1
    return isShared ? round : absence
  }

  /// Several times what the rehearsal predicts of a round.
  private var round: Duration {
    .seconds(4 * min(forecast.map(\.round).max() ?? 0, Self.longestRound)) + patience
  }

  /// The seconds after which a site is late.
  ///
  /// - Parameters:
  ///   - arms: the number of arms that the site serves in turn.
  ///   - deadline: when the study goes on without it; a site is late before that.
  func allowance(for site: SiteID, arms: Int, deadline: Duration?) -> TimeInterval {
    let expected = forecast.first { $0.site == site }?.round ?? Self.unknownRound
    let usual = 2 * min(expected, Self.longestRound) * Double(max(1, arms)) + Self.grace
    return min(usual, deadline.map { $0 / .seconds(2) } ?? .infinity)
  }

  /// A week, in seconds.
  private static let longestRound = 7.0 * 86_400
  /// Seconds.
  private static let unknownRound = 60.0
  private static let grace = 20.0
}
