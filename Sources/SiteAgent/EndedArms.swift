import FederatedCore
import Synchronization

/// The arms of a study that have ended at this site.
final class EndedArms: Sendable {
  /// Sent when an arm ends, and when the coordinator restarts.
  let changes = Signal()
  private let count: Int
  private let names = Mutex<Set<String>>([])

  /// - Parameter count: the number of arms in which the site takes part.
  init(count: Int) { self.count = count }

  /// Whether all arms have ended.
  var areAll: Bool { names.withLock { $0.count == count } }

  func insert(_ arm: String) {
    names.withLock { _ = $0.insert(arm) }
    changes.send()
  }

  /// Marks an arm as running again.
  func remove(_ arm: String) { names.withLock { _ = $0.remove(arm) } }
}
