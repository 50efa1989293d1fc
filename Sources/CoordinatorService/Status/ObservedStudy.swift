import RunStore
import StudyProtocol
import StudyRuns

/// A study with what it consists of, for those who look over the coordinator's shoulder within its own process.
public struct ObservedStudy: Sendable {
  public var status: StudyStatus
  public var study: Study
  /// The members and arms; nil before the study is agreed.
  public var plan: NetworkPlan?
  /// True where it was started and waits until another study has ended.
  public var isQueued: Bool
  /// True once the rounds have begun.
  public var hasBegun: Bool
  /// Where its run lies, or will lie.
  public var run: RunFolder
}
