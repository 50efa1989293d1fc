import FederatedCore
import FederatedRuntime
import Foundation

/// How far the arms of a study are, from its events.
struct ArmBoard: Sendable {
  private(set) var arms: [StudyStatus.Arm] = []

  mutating func take(_ event: RunEvent, at now: Date) {
    switch event {
    case .armStarted(let arm, _, let rounds, let after):
      update(arm) { ($0.round, $0.rounds, $0.hasEnded) = (after, rounds, false) }
    case .roundStarted(let arm, _, _): update(arm) { ($0.sites, $0.roundBegan) = ([], now) }
    case .siteStarted(let arm, _, let site): update(site, in: arm) { $0.stage = .assigned }
    case .siteProgress(let arm, _, let site, let progress):
      update(site, in: arm) {
        ($0.stage, $0.step, $0.steps) = (.training, progress.step, progress.stepCount)
        ($0.loss, $0.examplesPerSecond) = (progress.loss, progress.examplesPerSecond)
      }
    case .siteFinished(let arm, _, let site, let summary):

      // Sites tell of a step now and then, not of the last.
      update(site, in: arm) { ($0.stage, $0.step, $0.loss) = (.delivered, $0.steps, summary.loss) }
    case .siteDropped(let arm, _, let site, let reason):
      update(site, in: arm) { ($0.stage, $0.note) = (.dropped, reason) }
    case .roundCommitted(let record):
      update(record.arm) {
        ($0.round, $0.score, $0.roundBegan) = (record.round, record.selection.score, nil)
      }
    case .armFinished(let arm, let rounds, _, _, _):
      update(arm) { ($0.round, $0.hasEnded, $0.sites, $0.roundBegan) = (rounds, true, [], nil) }
    case .siteValidated, .workerStarted, .workerReplaced: break
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
