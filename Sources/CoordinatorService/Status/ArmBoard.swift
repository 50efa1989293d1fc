import FederatedCore
import FederatedRuntime
import Foundation
import StudyRuns

/// The progress of a study's arms, derived from its events.
struct ArmBoard: Sendable {
  private(set) var arms: [StudyStatus.Arm] = []
  private var members: [String: [SiteID]] = [:]
  /// The durations of each arm's committed rounds.
  private var seconds: [String: [Double]] = [:]
  /// The number of past rounds used to predict the next ones.
  private static let recent = 5

  mutating func take(_ event: RunEvent, at now: Date) {
    switch event {
    case .armStarted(let arm, let sites, let rounds, let after):
      members[arm] = sites
      update(arm) { ($0.round, $0.rounds, $0.hasEnded) = (after, rounds, false) }
    case .roundStarted(let arm, let round, let rounds):
      update(arm) { ($0.round, $0.rounds, $0.sites, $0.roundBegan) = (round - 1, rounds, [], now) }
    case .siteStarted(let arm, _, let site): update(site, in: arm) { ($0.stage, $0.since) = (.assigned, now) }
    case .siteProgress(let arm, _, let site, let progress):
      update(site, in: arm) {
        ($0.stage, $0.step, $0.steps) = (.training, progress.step, progress.stepCount)
        ($0.loss, $0.examplesPerSecond) = (progress.loss, progress.examplesPerSecond)
      }
    case .siteFinished(let arm, _, let site, let summary):
      // Progress reports are sparse and may not include the last step.
      update(site, in: arm) {
        ($0.stage, $0.step, $0.loss, $0.since) = (.delivered, $0.steps, summary.loss, nil)
      }
      beginValidation(of: arm, at: now)
    case .siteValidated(let arm, _, let site, _):
      update(site, in: arm) { ($0.stage, $0.since) = (.delivered, nil) }
    case .siteDropped(let arm, _, let site, let reason):
      let wasValidating = arms.contains { $0.name == arm && $0.sites.contains { $0.stage == .validating } }
      update(site, in: arm) { ($0.stage, $0.note, $0.since) = (.dropped, reason, nil) }
      if !wasValidating { beginValidation(of: arm, at: now) }
    case .roundCommitted(let record): commit(record)
    case .armFinished(let arm, let rounds, _, _, _):
      update(arm) { ($0.round, $0.hasEnded, $0.sites, $0.roundBegan) = (rounds, true, [], nil) }
    case .workerStarted, .workerReplaced: break
    }
  }

  /// Restores the rounds committed before a restart of the coordinator.
  mutating func restore(_ records: [RoundRecord], of arm: String, rounds: Int, hasEnded: Bool) {
    update(arm) { $0.rounds = rounds }
    for record in records { commit(record) }
    update(arm) { $0.hasEnded = hasEnded }
  }

  /// Clears the current work, after the study was paused or has ended.
  mutating func rest() {
    seconds = seconds.mapValues { Array($0.suffix(Self.recent)) }
    for index in arms.indices { (arms[index].sites, arms[index].roundBegan) = ([], nil) }
    arms.removeAll { $0.name == NetworkPlan.tests }
  }

  private mutating func commit(_ record: RoundRecord) {
    seconds[record.arm, default: []].append(record.seconds)
    let recent = seconds[record.arm, default: []].suffix(Self.recent)
    update(record.arm) {
      ($0.round, $0.score, $0.roundBegan) = (record.round, record.selection.score, nil)
      $0.recentSeconds = recent.reduce(0, +) / Double(recent.count)
    }
  }

  /// Marks the members that have delivered their update as validating, if all other members of the arm were
  /// dropped. If the round has no validation, it is committed right after this and the mark has no effect.
  private mutating func beginValidation(of arm: String, at now: Date) {
    let count = members[arm]?.count ?? 0
    update(arm) { arm in
      guard arm.sites.count >= count, count > 0,
        arm.sites.allSatisfy({ $0.stage == .delivered || $0.stage == .dropped })
      else { return }
      for index in arm.sites.indices where arm.sites[index].stage == .delivered {
        (arm.sites[index].stage, arm.sites[index].since) = (.validating, now)
      }
    }
  }

  private mutating func update(_ arm: String, _ body: (inout StudyStatus.Arm) -> Void) {
    let index =
      arms.firstIndex { $0.name == arm }
      ?? {
        arms.append(.init(name: arm, round: 0, rounds: 0))
        return arms.count - 1
      }()
    body(&arms[index])
  }

  private mutating func update(
    _ site: SiteID, in arm: String, _ body: (inout StudyStatus.SiteWork) -> Void
  ) {
    update(arm) { arm in
      let index =
        arm.sites.firstIndex { $0.site == site }
        ?? {
          arm.sites.append(.init(site: site, stage: .assigned))
          return arm.sites.count - 1
        }()
      body(&arm.sites[index])
    }
  }
}
