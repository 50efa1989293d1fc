/// The state of a study.
public enum ShownStudyState: String, Sendable, CaseIterable {
  /// The sites read it, and sign or decline.
  case proposed
  /// All required sites have signed; the study lead may start it.
  case ready
  /// Started, and waiting for its turn.
  case queued
  /// The sites check data and machines before round 1.
  case rehearsing
  case running
  case paused
  /// Complete, with every round and every required site.
  case finished
  /// Ended without a required site or a round.
  case partial
  /// Someone ended it.
  case aborted
  /// An error ended it.
  case failed

  /// Whether the study has ended.
  public var isOver: Bool {
    switch self {
    case .finished, .partial, .aborted, .failed: true
    default: false
    }
  }
}
