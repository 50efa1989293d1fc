/// The state of a study, as the dashboard and `study status` show it.
public enum ShownStudyState: String, Sendable, CaseIterable {
  /// The sites review the study, and sign or decline it.
  case proposed
  /// All required sites have signed; the study lead may start it.
  case ready
  /// The study was started and waits for its turn.
  case queued
  /// The sites check data and machines before round 1.
  case rehearsing
  case running
  case paused
  /// The study is complete, with every round and every required site.
  case finished
  /// The study ended without a required site or round.
  case partial
  /// A person ended the study.
  case aborted
  /// An error ended the study.
  case failed

  /// Whether the study has ended.
  public var isOver: Bool {
    switch self {
    case .finished, .partial, .aborted, .failed: true
    default: false
    }
  }
}
