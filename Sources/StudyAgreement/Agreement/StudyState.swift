/// The state of a study.
public enum StudyState: String, Sendable, Codable, CaseIterable {
  /// Waiting for signatures.
  case proposed
  /// All required sites have signed.
  case ready
  case rehearsing, running, paused
  case finished
  /// Ended without a required part.
  case failed
  /// Ended by the people who run it.
  case aborted

  public var hasEnded: Bool { self == .finished || self == .failed || self == .aborted }
}
