/// A study's state as people see it, alike in `study status` and on the dashboard: the coordinator's, and what it tells apart beyond that.
public enum StudyPhase: String, Sendable, Codable, CaseIterable {
  case proposed, ready
  /// Started, and waits for another study to end.
  case queued
  case rehearsing, running, paused, finished
  /// Ended without something that it requires, with a report of what there is.
  case partial
  case aborted, failed
}
