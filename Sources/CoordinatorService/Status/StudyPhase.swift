import StudyAgreement

/// A study's state as shown to people, in `study status` and on the dashboard. It has finer distinctions than
/// ``StudyState``.
public enum StudyPhase: String, Sendable, Codable, CaseIterable {
  case proposed, ready
  /// Started, but waiting for another study to end.
  case queued
  case rehearsing, running, paused, finished
  /// Ended without a required part, with a report of the rest.
  case partial
  case aborted, failed
}
