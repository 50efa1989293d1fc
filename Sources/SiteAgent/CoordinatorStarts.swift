import Synchronization

/// How often the coordinator was found to have been started anew.
final class CoordinatorStarts: Sendable {
  private let number = Atomic(0)

  var count: Int { number.load(ordering: .acquiring) }

  func increase() { number.add(1, ordering: .acquiringAndReleasing) }
}
