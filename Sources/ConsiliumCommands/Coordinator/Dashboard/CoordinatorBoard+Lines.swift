import CoordinatorService
import Dashboard
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyRuns

extension CoordinatorBoard {
  /// A study in one line.
  func line(of study: ObservedStudy) async throws -> StudyLine {
    line(of: study, await runs.run(of: study))
  }

  func line(of study: ObservedStudy, _ run: WatchedRun) -> StudyLine {
    let status = study.status
    let state = state(of: study, run)
    return StudyLine(
      id: status.id, title: status.title, state: state, round: run.records[study.mainArm]?.last?.round ?? 0,
      rounds: study.study.federation.rounds, startedAt: run.started,
      expectedEnd: state == .running ? expectedEnd(of: study, run) : nil,
      note: status.reason.isEmpty ? nil : status.reason)
  }

  /// The coordinator's states, and what pages tell apart beyond them.
  private func state(of study: ObservedStudy, _ run: WatchedRun) -> Dashboard.StudyState {
    switch study.status.state {
    case .proposed: .proposed
    case .ready: .ready
    case .rehearsing: study.isQueued ? .queued : .rehearsing
    case .running: study.isQueued ? .queued : .running
    case .paused: .paused
    case .finished: .finished
    // What ended without something that it requires has a report all the same.
    case .failed: run.report == nil ? .failed : .partial
    case .aborted: .aborted
    }
  }

  /// By how long the last rounds of each arm took; arms run side by side. Nil before each has finished a round.
  private func expectedEnd(of study: ObservedStudy, _ run: WatchedRun) -> Date? {
    guard let plan = study.plan else { return nil }
    var longest = 0.0
    for arm in plan.models where study.status.arms.first(where: { $0.name == arm.name })?.hasEnded != true {
      guard let records = run.records[arm.name], let last = records.last else { return nil }
      let recent = records.suffix(5).map(\.seconds)
      let left = study.study.federation.rounds - last.round
      longest = max(longest, Double(left) * recent.reduce(0, +) / Double(recent.count))
    }
    return now() + longest
  }
}

extension ObservedStudy {
  /// The arm that all sites train together.
  var mainArm: String { study.federation.workflow.name.rawValue }

  /// The arms, the one of all sites first.
  var armPlans: [ArmPlan] {
    let plans = plan?.models ?? []
    return plans.filter { $0.name == mainArm } + plans.filter { $0.name != mainArm }
  }
}
