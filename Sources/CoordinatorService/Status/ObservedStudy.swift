import RunStore
import StudyProtocol
import StudyRuns

/// A study's status with its definition and plan, for observers within the coordinator's process, such as the
/// dashboard.
public struct ObservedStudy: Sendable {
  public var status: StudyStatus
  public var study: Study
  /// The participants and arms; `nil` until the study is agreed.
  public var plan: NetworkPlan?
  /// Whether the study was started but waits for another study to end.
  public var isQueued: Bool
  /// Whether the rounds have begun.
  public var hasBegun: Bool
  /// The folder of the study's run, which may not exist yet.
  public var run: RunFolder
}
