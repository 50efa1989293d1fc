/// How far a study has come.
public enum StudyState: String, Sendable, CaseIterable {
  /// Sites read it, and sign or decline.
  case proposed
  /// Every signature that it requires is there; the lead may start it.
  case ready
  /// Started, and waits for its turn.
  case queued
  /// The sites check data and machines before round 1.
  case rehearsing
  case running
  case paused
  /// Every round and every required site is there.
  case finished
  /// Ended without a site or a round that it requires.
  case partial
  /// Someone ended it.
  case aborted
  /// An error ended it.
  case failed

  /// Whether nothing will happen any more.
  public var isOver: Bool {
    switch self {
    case .finished, .partial, .aborted, .failed: true
    default: false
    }
  }
}
