import FederatedCore
import Synchronization

/// One round of a swarm as a member sees it: a copy of the round's entries, which follows the register.
final class SwarmBoard: Sendable {
  /// The state of the round at one moment.
  struct View: Sendable {
    fileprivate(set) var entries: [SwarmKey: SwarmEntry] = [:]
    fileprivate var revision = 0
    /// The time since which nobody has merged; `nil` while somebody merges.
    fileprivate(set) var silentSince: Duration?
    /// The last merger, whose lease may have ended.
    fileprivate(set) var lastMerger: SiteID?

    /// The content of an entry; `nil` if it does not exist yet.
    func content<Content: SwarmContent>(_ type: Content.Type = Content.self, at key: SwarmKey) throws
      -> Content?
    {
      try entries[key].map { try Content($0) }
    }

    /// The entries that `name` recognises by their key, in the order in which they were created.
    func entries(_ name: (SwarmKey) -> SiteID?) -> [(site: SiteID, entry: SwarmEntry)] {
      entries.values.compactMap { entry in name(entry.key).map { ($0, entry) } }
        .sorted { $0.entry.revision < $1.entry.revision }
    }
  }

  let keys: SwarmRoundKeys
  /// The time at which this member entered the round.
  let opened: Duration
  private let link: SwarmLink
  private let state: Mutex<View>
  private let changed = Signal()

  init(_ keys: SwarmRoundKeys, _ link: SwarmLink) {
    self.keys = keys
    self.link = link
    opened = link.clock.now
    var view = View()
    view.silentSince = opened
    state = Mutex(view)
  }

  /// Follows the register until the task is cancelled.
  func follow() async throws {
    while true {
      let snapshot = try await link.entries(under: keys.root)
      reset(to: snapshot)
      do {
        for try await change in link.register.changes(under: keys.root, after: snapshot.revision) {
          take(change)
        }
      } catch let error as ConsiliumError where error.code == .unavailable {
        // Read everything again, below.
      }
      try Task.checkCancellation()
      try await link.sleep()
    }
  }

  /// Notes an entry of which the register has told this member in reply to a call, unless the changes up to
  /// this entry are known already.
  func note(_ entry: SwarmEntry) {
    state.withLock { view in
      guard entry.revision > view.revision else { return }
      view.entries[entry.key] = entry
      noteMerger(&view)
    }
    changed.send()
  }

  /// Waits until `find` finds something.
  ///
  /// - Throws: The error of `find`, or `CancellationError`.
  func first<Found: Sendable>(_ find: (View) throws -> Found?) async throws -> Found {
    while true {
      let seen = changed.count
      if let found = try find(state.withLock { $0 }) { return found }
      try Task.checkCancellation()
      await changed.wait(after: seen)
    }
  }

  /// Waits until `find` finds something, but not longer than until `time`.
  ///
  /// - Returns: `nil` if the time has passed.
  func first<Found: Sendable>(until time: Duration?, _ find: (View) throws -> Found?) async throws -> Found? {
    guard let time else { return try await first(find) }
    let (clock, changed) = (link.clock, changed)
    let alarm = Task {
      try await clock.sleep(until: time)
      changed.send()
    }
    defer { alarm.cancel() }
    return try await first { view -> Found?? in
      if let found = try find(view) { return .some(.some(found)) }
      return clock.now >= time ? .some(.none) : .none
    }
  }

  private func reset(to snapshot: SwarmSnapshot) {
    state.withLock { view in
      view.entries = Dictionary(uniqueKeysWithValues: snapshot.entries.map { ($0.key, $0) })
      view.revision = snapshot.revision
      noteMerger(&view)
    }
    changed.send()
  }

  private func take(_ change: SwarmChange) {
    state.withLock { view in
      switch change {
      case .created(let entry): view.entries[entry.key] = entry
      case .removed(let key, _): view.entries[key] = nil
      }
      view.revision = change.revision
      noteMerger(&view)
    }
    changed.send()
  }

  private func noteMerger(_ view: inout View) {
    if let entry = view.entries[keys.merger] {
      view.silentSince = nil
      view.lastMerger = (try? SwarmMerger(entry))?.site ?? view.lastMerger
    } else if view.silentSince == nil {
      view.silentSince = link.clock.now
    }
  }
}
