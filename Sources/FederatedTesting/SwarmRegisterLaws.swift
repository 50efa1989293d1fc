import FederatedCore

/// Laws that every register of a swarm must satisfy, whether it is in memory or reached over a network.
///
/// Each law works under a key of its own, so that a register that keeps its entries can be checked again.
public struct SwarmRegisterLaws<Register: SwarmRegister>: Sendable {
  let register: Register
  /// The keys of the laws lie under this key.
  let root: SwarmKey
  /// The duration of the leases of the laws.
  let lease: Duration
  /// How much later than its time a lease may end.
  let slack: Duration
  /// Lets time pass: sleeps, or advances the clock of a register with a clock of its own.
  let pass: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - root: A key under which nothing has been created yet.
  ///   - lease: The shortest lease that the register grants, such as 2 seconds.
  ///   - slack: How much later than its time a lease may end. Laws wait no longer than this.
  public init(
    _ register: Register, under root: SwarmKey, lease: Duration, slack: Duration,
    pass: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.register = register
    self.root = root
    self.lease = lease
    self.slack = slack
    self.pass = pass
  }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() async throws {
    try await anEntryIsCreatedOnce()
    try await ofConcurrentCreatesOneWins()
    try await aKeyIsAPath()
    try await revisionsIncrease()
    try await aFenceHoldsOnlyWhileItsEntryExists()
    try await anotherEntryWithTheSameKeyIsNoFence()
    try await aLeaseEndsWithItsEntries()
    try await aRenewedLeaseLasts()
    try await aRevokedLeaseIsOver()
    try await changesComeOnceAndInOrder()
    try await changesContinueAfterARevision()
    try await aLeaseThatEndsIsAChange()
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Creates an entry that must not exist yet.
  @discardableResult
  private func create(
    _ key: SwarmKey, _ text: String = "", lease: SwarmLease.ID? = nil, fence: SwarmFence? = nil
  ) async throws -> SwarmEntry {
    let outcome = try await register.create(key, bytes(text), lease: lease, fence: fence)
    guard case .created(let entry) = outcome else {
      throw LawBroken(description: "'\(key)' was not created: \(outcome)")
    }
    return entry
  }

  // MARK: Entries

  private func anEntryIsCreatedOnce() async throws {
    let key = root.appending("once").appending("a")
    try expect(try await register.entry(at: key) == nil, "an entry exists before it was created")
    let first = try await create(key, "first")
    try expect(first.key == key && first.value == bytes("first"), "a created entry has another content")
    for text in ["first", "second"] {
      let again = try await register.create(key, bytes(text), lease: nil, fence: nil)
      try expect(again == .exists(first), "an entry was created twice: \(again)")
    }
    try expect(try await register.entry(at: key) == first, "an entry changed after it was created")
    let empty = try await create(root.appending("once").appending("empty"))
    try expect(try await register.entry(at: empty.key) == empty, "an entry without content is lost")
    let zeros = try await register.create(
      root.appending("once").appending("zeros"), [0, 255, 0], lease: nil, fence: nil)
    guard case .created(let entry) = zeros, entry.value == [0, 255, 0] else {
      throw LawBroken(description: "an entry changed the bytes 0, 255, 0")
    }
  }

  private func ofConcurrentCreatesOneWins() async throws {
    for round in 0..<5 {
      let key = root.appending("race").appending("\(round)")
      let outcomes = try await withThrowingTaskGroup(of: SwarmCreation.self) { group in
        for writer in 0..<8 {
          group.addTask {
            try await register.create(key, bytes("writer \(writer)"), lease: nil, fence: nil)
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      guard let entry = try await register.entry(at: key) else {
        throw LawBroken(description: "of concurrent creates, none created the entry")
      }
      let winners = outcomes.count { $0 == .created(entry) }
      let losers = outcomes.count { $0 == .exists(entry) }
      try expect(
        winners == 1 && losers == 7,
        "of 8 concurrent creates, \(winners) created the entry and \(losers) were told of it")
    }
  }

  private func aKeyIsAPath() async throws {
    let key = root.appending("path")
    let (b, bc) = (key.appending("b"), key.appending("bc"))
    let keys = [b, b.appending("1"), b.appending("1").appending("x"), bc, bc.appending("1")]
    for key in keys.reversed() { try await create(key) }
    let found = try await register.entries(under: b).entries.map(\.key)
    try expect(found == [keys[1], keys[2]], "under '\(b)' there are \(found)")
    let all = try await register.entries(under: key).entries.map(\.key)
    try expect(all == keys.sorted(), "under '\(key)' there are \(all), or in another order")
    let none = try await register.entries(under: key.appending("nothing"))
    try expect(none.entries.isEmpty, "under a key without entries there are \(none.entries.count)")
  }

  private func revisionsIncrease() async throws {
    let key = root.appending("revisions")
    var last = try await register.entries(under: key).revision
    for name in ["c", "a", "b"] {
      let entry = try await create(key.appending(name))
      try expect(entry.revision > last, "the revision \(entry.revision) follows \(last)")
      last = entry.revision
    }
    let snapshot = try await register.entries(under: key)
    try expect(snapshot.revision >= last, "a snapshot is older than the entries that it holds")
  }

  // MARK: Fences

  private func aFenceHoldsOnlyWhileItsEntryExists() async throws {
    let key = root.appending("fence")
    let held = try await register.grantLease(of: lease)
    let fence = SwarmFence(try await create(key.appending("owner"), lease: held.id))
    let kept = try await create(key.appending("before"), fence: fence)
    try await register.revoke(held.id)
    let late = try await register.create(key.appending("after"), [], lease: nil, fence: fence)
    try expect(late == .fenced, "an owner whose entry is gone created an entry: \(late)")
    try expect(
      try await register.entry(at: key.appending("after")) == nil, "a fenced create left an entry behind")
    let repeated = try await register.create(kept.key, [], lease: nil, fence: fence)
    try expect(repeated == .fenced, "a failed fence was not reported for an entry that exists: \(repeated)")
    try expect(
      try await register.entry(at: kept.key) == kept, "an entry disappeared with the lease of its fence")
  }

  private func anotherEntryWithTheSameKeyIsNoFence() async throws {
    let key = root.appending("owners").appending("owner")
    let first = try await register.grantLease(of: lease)
    let old = SwarmFence(try await create(key, "same", lease: first.id))
    try await register.revoke(first.id)
    let second = try await register.grantLease(of: lease)
    let new = SwarmFence(try await create(key, "same", lease: second.id))
    try expect(new.revision > old.revision, "the entry of a new owner has not a greater revision")
    let late = try await register.create(
      root.appending("owners").appending("late"), [], lease: nil, fence: old)
    try expect(late == .fenced, "an old owner wrote although another one holds the key: \(late)")
    try await create(root.appending("owners").appending("new"), fence: new)
    try await register.revoke(second.id)
  }

  // MARK: Leases

  private func aLeaseEndsWithItsEntries() async throws {
    let key = root.appending("end")
    let granted = try await register.grantLease(of: lease)
    let owner = try await create(key.appending("owner"), lease: granted.id)
    try await create(key.appending("other"), lease: granted.id)
    let stays = try await create(key.appending("stays"))
    try expect(try await register.entry(at: owner.key) == owner, "an entry went before the end of its lease")
    try await pass(lease + slack)
    let left = try await register.entries(under: key).entries
    try expect(left == [stays], "after the end of a lease there are the entries \(left.map(\.key))")
    try expect(try await !register.renew(granted.id), "a lease was renewed after its end")
    let late = try await register.create(key.appending("late"), [], lease: granted.id, fence: nil)
    try expect(late == .fenced, "an entry was created under a lease that has ended: \(late)")
    let fenced = try await register.create(
      key.appending("fenced"), [], lease: nil, fence: SwarmFence(owner))
    try expect(fenced == .fenced, "the owner of an ended lease created an entry: \(fenced)")
    try await create(owner.key)
  }

  private func aRenewedLeaseLasts() async throws {
    let key = root.appending("renewal").appending("owner")
    let granted = try await register.grantLease(of: lease)
    let owner = try await create(key, lease: granted.id)
    for _ in 0..<4 {
      try await pass(lease / 2)
      try expect(try await register.renew(granted.id), "a lease ended before its time")
    }
    try expect(try await register.entry(at: key) == owner, "the entry of a renewed lease is gone")
    try await pass(lease + slack)
    try expect(try await register.entry(at: key) == nil, "a lease outlasts its last renewal")
  }

  private func aRevokedLeaseIsOver() async throws {
    let key = root.appending("revoked").appending("owner")
    let granted = try await register.grantLease(of: lease)
    try await create(key, lease: granted.id)
    try await register.revoke(granted.id)
    try expect(try await register.entry(at: key) == nil, "an entry outlasts its revoked lease")
    try expect(try await !register.renew(granted.id), "a revoked lease was renewed")
    // A call whose reply was lost is repeated.
    try await register.revoke(granted.id)
  }

  // MARK: Changes

  /// The next changes of a stream.
  ///
  /// - Throws: ``LawBroken`` if fewer arrive while twice the lease and the slack pass.
  private func take(_ count: Int, of stream: AsyncThrowingStream<SwarmChange, any Error>) async throws
    -> [SwarmChange]
  {
    let limit = lease * 2 + slack
    return try await withThrowingTaskGroup(of: [SwarmChange]?.self) { group in
      group.addTask {
        var changes: [SwarmChange] = []
        for try await change in stream {
          changes.append(change)
          if changes.count == count { break }
        }
        return changes
      }
      group.addTask {
        // Real time, also for a register with a clock of its own: a change that is due arrives at once.
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let changes = try await group.next() ?? nil, changes.count == count else {
        throw LawBroken(description: "\(count) changes were expected, and fewer came")
      }
      return changes
    }
  }

  private func changesComeOnceAndInOrder() async throws {
    let key = root.appending("changes")
    let start = try await register.entries(under: key).revision
    let early = register.changes(under: key, after: start)
    var expected: [SwarmChange] = []
    for name in ["b", "a", "c"] { expected.append(.created(try await create(key.appending(name), name))) }
    _ = try await register.create(key.appending("a"), [], lease: nil, fence: nil)
    try await create(root.appending("changes-of-others"))
    expected.append(.created(try await create(key.appending("d"))))
    for stream in [early, register.changes(under: key, after: start)] {
      let seen = try await take(4, of: stream)
      try expect(seen == expected, "expected the changes \(expected), found \(seen)")
    }
  }

  private func changesContinueAfterARevision() async throws {
    let key = root.appending("continued")
    var entries: [SwarmEntry] = []
    for number in 0..<4 { entries.append(try await create(key.appending("\(number)"))) }
    let rest = try await take(2, of: register.changes(under: key, after: entries[1].revision))
    try expect(
      rest == entries[2...].map(SwarmChange.created),
      "after revision \(entries[1].revision) the changes are \(rest)")
    let snapshot = try await register.entries(under: key)
    let later = register.changes(under: key, after: snapshot.revision)
    let last = try await create(key.appending("last"))
    let seen = try await take(1, of: later)
    try expect(seen == [.created(last)], "after a snapshot the first change is \(seen)")
  }

  private func aLeaseThatEndsIsAChange() async throws {
    let key = root.appending("ending")
    let (ends, revoked) = (
      try await register.grantLease(of: lease), try await register.grantLease(of: lease)
    )
    let first = try await create(key.appending("ends"), lease: ends.id)
    let second = try await create(key.appending("revoked"), lease: revoked.id)
    let stream = register.changes(under: key, after: second.revision)
    try await register.revoke(revoked.id)
    async let passed: Void = pass(lease + slack)
    let changes = try await take(2, of: stream)
    try await passed
    guard case .removed(second.key, let one) = changes[0], case .removed(first.key, let two) = changes[1],
      second.revision < one, one < two
    else { throw LawBroken(description: "the ends of two leases are the changes \(changes)") }
  }
}
