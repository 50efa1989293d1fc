/// The shared record of a swarm: entries that members create and never change, in one order that all members
/// see.
///
/// A register decides which of two entries with the same key came first. It knows nothing about models or
/// rounds, and nothing in it counts without the signature of the member that wrote it. All reads are
/// linearizable: an entry that one member has created is seen by every read that begins afterwards.
/// ``SwarmRegisterLaws`` in FederatedTesting checks the laws that every register must obey.
public protocol SwarmRegister: Sendable {
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the register cannot be reached or has no
  ///   majority. The same holds for all other functions.
  func entry(at key: SwarmKey) async throws -> SwarmEntry?

  /// All entries whose keys lie under `key`, and the revision at which they were read.
  func entries(under key: SwarmKey) async throws -> SwarmSnapshot

  /// Creates an entry, provided that no entry has this key and that the fence holds. All of this is one step.
  ///
  /// A call that threw may still have created the entry. Repeat the call, and compare the existing entry. If
  /// both the fence fails and the entry exists, the outcome is ``SwarmCreation/fenced``.
  /// - Parameters:
  ///   - lease: The entry disappears when this lease ends; `nil` for an entry that stays.
  ///   - fence: An entry that must still exist; `nil` if none is needed.
  func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?) async throws
    -> SwarmCreation

  /// The changes after `revision` of entries whose keys lie under `key`, each once, in the order of their
  /// revisions, starting with those that have already happened. The stream ends with an error if the register
  /// cannot be reached; the caller then reads ``entries(under:)`` again and continues after its revision.
  func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<SwarmChange, any Error>

  /// Grants a lease. It ends once nobody has renewed it for its duration.
  func grantLease(of duration: Duration) async throws -> SwarmLease

  /// Renews a lease for its whole duration.
  ///
  /// - Returns: Whether the lease still existed.
  func renew(_ lease: SwarmLease.ID) async throws -> Bool

  /// Ends a lease. Its entries disappear.
  func revoke(_ lease: SwarmLease.ID) async throws
}

/// The key of an entry: names from the general to the special, separated by slashes.
public struct SwarmKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  public static func < (left: Self, right: Self) -> Bool { left.description < right.description }

  /// The key of an entry within this one. A name must not contain a slash.
  public func appending(_ name: String) -> Self { Self("\(description)/\(name)") }

  /// Whether this key lies under another one: `a/b/c` lies under `a/b`, but `a/bc` does not.
  public func isUnder(_ key: SwarmKey) -> Bool { description.hasPrefix(key.description + "/") }
}

/// An entry of a register.
public struct SwarmEntry: Sendable, Equatable {
  public var key: SwarmKey
  public var value: [UInt8]
  /// The revision of the register that created the entry. Each change has a greater revision than all changes
  /// before it.
  public var revision: Int

  public init(key: SwarmKey, value: [UInt8], revision: Int) {
    self.key = key
    self.value = value
    self.revision = revision
  }
}

/// The entries that a register held at one revision, in the order of their keys.
public struct SwarmSnapshot: Sendable, Equatable {
  public var entries: [SwarmEntry]
  public var revision: Int

  public init(entries: [SwarmEntry], revision: Int) {
    self.entries = entries
    self.revision = revision
  }
}

/// A change of a register.
public enum SwarmChange: Sendable, Equatable {
  case created(SwarmEntry)
  /// The entry disappeared because its lease ended.
  case removed(SwarmKey, revision: Int)

  public var key: SwarmKey {
    switch self {
    case .created(let entry): entry.key
    case .removed(let key, _): key
    }
  }

  public var revision: Int {
    switch self {
    case .created(let entry): entry.revision
    case .removed(_, let revision): revision
    }
  }
}

/// The condition that an entry still exists and is the same one as before. A member that was stopped for
/// longer than its lease cannot write under a fence, since its entry is gone or belongs to another member.
public struct SwarmFence: Sendable, Equatable {
  public var key: SwarmKey
  /// The revision that created the entry.
  public var revision: Int

  public init(_ entry: SwarmEntry) {
    key = entry.key
    revision = entry.revision
  }
}

/// The outcome of creating an entry.
public enum SwarmCreation: Sendable, Equatable {
  case created(SwarmEntry)
  /// Another entry, or the same one from an earlier attempt, has the key.
  case exists(SwarmEntry)
  /// The fence does not hold, or the lease has ended. Nothing was created.
  case fenced
}

/// A lease: a promise that the register keeps entries only while their owner renews it.
public struct SwarmLease: Sendable, Equatable {
  public struct ID: Hashable, Sendable {
    public let number: Int64

    public init(_ number: Int64) { self.number = number }
  }

  public var id: ID
  public var duration: Duration

  public init(id: ID, duration: Duration) {
    self.id = id
    self.duration = duration
  }
}
