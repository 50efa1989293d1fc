import Credentials

/// An action on a study that a visitor requests from the coordinator. Starting a study is not one of them:
/// it needs the study lead's signature, and the lead's key is not in the browser.
public enum DashboardAction: Hashable, Sendable {
  case pause(study: String)
  case resume(study: String)
  /// Ends the study permanently.
  case abort(study: String, reason: String)

  public var study: String {
    switch self {
    case .pause(let study), .resume(let study), .abort(let study, _): study
    }
  }

  /// The action's name in addresses, logs and messages.
  public var name: String { kind.rawValue }

  var kind: Kind {
    switch self {
    case .pause: .pause
    case .resume: .resume
    case .abort: .abort
    }
  }

  /// An action without its study.
  enum Kind: String, CaseIterable, Sendable {
    case pause, resume, abort

    /// The roles that may perform the action.
    var roles: Set<Role> { [.lead, .operator] }

    /// Whether the action makes sense for a study in this state.
    func applies(to state: ShownStudyState) -> Bool {
      switch self {
      case .pause: [.queued, .rehearsing, .running].contains(state)
      case .resume: state == .paused
      case .abort: !state.isOver
      }
    }
  }
}
