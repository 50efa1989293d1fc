import CoordinatorService
import Dashboard
import Reporting
import StudyRuns

/// The names of states and work, shared by `study status` and the dashboard so that both agree.
extension StudyStatus {
  /// The state as shown to people.
  package var shownState: ShownStudyState {
    if let phase { return ShownStudyState(phase) }
    // Coordinators of older versions send no phase.
    return ShownStudyState(rawValue: state.rawValue) ?? .failed
  }
}

extension SiteStatus {
  /// The connection as shown to people.
  package var shownLink: SiteLine.Link {
    switch link {
    case .connected: .connected
    case .away: .away
    case .never: .never
    case .revoked: .revoked
    case nil: isRevoked ? .revoked : isConnected ? .connected : .away
    }
  }
}

extension ShownStudyState {
  init(_ phase: StudyPhase) {
    self =
      switch phase {
      case .proposed: .proposed
      case .ready: .ready
      case .queued: .queued
      case .rehearsing: .rehearsing
      case .running: .running
      case .paused: .paused
      case .finished: .finished
      case .partial: .partial
      case .aborted: .aborted
      case .failed: .failed
      }
  }
}

extension WaitingSite {
  package init(_ wait: StudyWait) {
    self.init(
      site: wait.site, work: wait.words, since: wait.since, lateSince: wait.lateSince, dropsAt: wait.dropsAt,
      isRequired: wait.isRequired)
  }
}

extension StudyWait {
  /// The work as written after `with`, such as `training round 3 of FedAvg`.
  fileprivate var words: String {
    let number = round.map(String.init) ?? "?"
    let title = ArmTitle.text(arm ?? "")
    return switch work {
    case .readiness: "the check of its data and machine"
    case .rehearsal: "the rehearsal"
    case .training: "training round \(number) of \(title)"
    case .validation: "validating the model of round \(number) of \(title)"
    case .finalEvaluation: "the final evaluation of model \(number)"
    }
  }
}
