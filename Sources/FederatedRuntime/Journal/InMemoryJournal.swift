import FederatedCore
import Synchronization

/// A journal that lives as long as the process; for tests and for runs that need not survive a crash.
public final class InMemoryJournal: RoundJournal {
  private struct Arm {
    var last: RoundCheckpoint
    var best: ModelParameters?
    var records: [RoundRecord]
  }

  private let arms = Mutex<[String: Arm]>([:])

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

  public func lastCheckpoint(of arm: String) -> RoundCheckpoint? { arms.withLock { $0[arm]?.last } }

  public func bestModel(of arm: String) -> ModelParameters? { arms.withLock { $0[arm]?.best } }

  public func records(of arm: String) -> [RoundRecord] { arms.withLock { $0[arm]?.records ?? [] } }
}
