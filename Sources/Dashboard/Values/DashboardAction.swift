import Credentials

/// An action on a study that a visitor requests from the coordinator.
public enum DashboardAction: Hashable, Sendable {
  case start(study: String)
  case pause(study: String)
  case resume(study: String)
  /// Ends the study permanently.
  case abort(study: String, reason: String)

  public var study: String {
    switch self {
    case .start(let study), .pause(let study), .resume(let study), .abort(let study, _): study
    }
  }

  /// The action's name in addresses, logs and messages.
  public var name: String { kind.rawValue }

  var kind: Kind {
    switch self {
    case .start: .start
    case .pause: .pause
    case .resume: .resume
    case .abort: .abort
    }
  }

  /// An action without its study.
  enum Kind: String, CaseIterable, Sendable {
    case start, pause, resume, abort

    /// The roles that may perform the action.
    var roles: Set<Role> {
      switch self {
      case .start: [.lead]
      case .pause, .resume, .abort: [.lead, .operator]
      }
    }

    /// Whether the action makes sense for a study in this state.
    func applies(to state: ShownStudyState) -> Bool {
      switch self {
      case .start: state == .ready
      case .pause: [.queued, .rehearsing, .running].contains(state)
      case .resume: state == .paused
      case .abort: !state.isOver
      }
    }
  }
}
