/// The state of a study.
public enum StudyState: String, Sendable, Codable, CaseIterable {
  /// Waiting for signatures.
  case proposed
  /// All required sites have signed.
  case ready
  case rehearsing, running, paused
  case finished
  /// The study ended because something that it requires was missing.
  case failed
  /// The study was ended early by a person.
  case aborted

  public var hasEnded: Bool { self == .finished || self == .failed || self == .aborted }

  /// Whether the coordinator asks the sites for work.
  public var isActive: Bool { self == .rehearsing || self == .running }
}
