import StudyAgreement

/// A study's state as shown to people, in `study status` and on the dashboard. It has finer distinctions than
/// ``StudyState``.
public enum StudyPhase: String, Sendable, Codable, CaseIterable {
  case proposed, ready
  /// The study was started but waits for another study to end.
  case queued
  case rehearsing, running, paused, finished
  /// The study ended without a part that it requires; a report covers the rest.
  case partial
  case aborted, failed
}
