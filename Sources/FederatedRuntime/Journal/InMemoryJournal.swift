import FederatedCore
import Synchronization

/// A journal that lives as long as the process. For tests, and for runs that need not survive a crash.
public final class InMemoryJournal: RoundJournal {
  private struct Arm {
    var last: RoundCheckpoint
    var best: ModelParameters?
    var records: [RoundRecord]
  }

  private struct Question: Hashable {
    var arm: String
    var id: Assignment.ID
  }

  private let arms = Mutex<[String: Arm]>([:])
  private let sets = Mutex<[Question: [SiteID]]>([:])

  public init() {}

  @discardableResult
  public func commit(_ checkpoint: RoundCheckpoint) -> ModelParameters? {
    arms.withLock { arms in
      let before = arms[checkpoint.record.arm]
      arms[checkpoint.record.arm] = Arm(
        last: checkpoint, best: checkpoint.isBest ? checkpoint.model : before?.best,
        records: (before?.records ?? []) + [checkpoint.record])
    }
    return nil
  }

  public func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) -> [SiteID] {
    sets.withLock { sets in
      let question = Question(arm: arm, id: id)
      let kept = sets[question] ?? sites
      sets[question] = kept
      return kept
    }
  }

  public func lastCheckpoint(of arm: String) -> RoundCheckpoint? { arms.withLock { $0[arm]?.last } }

  public func bestModel(of arm: String) -> ModelParameters? { arms.withLock { $0[arm]?.best } }

  public func records(of arm: String) -> [RoundRecord] { arms.withLock { $0[arm]?.records ?? [] } }
}
