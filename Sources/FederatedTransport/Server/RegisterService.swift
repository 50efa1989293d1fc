import Credentials
import FederatedCore
import Foundation
import GRPCCore

/// Serves the register of a swarm to its members: checks the caller and the message, and passes the content
/// to the register.
struct RegisterService: Consilium_V1_Register.SimpleServiceProtocol {
  /// The members that write. An entry counts only with the signature of the member that is entitled to it.
  static let writers: Set<Role> = [.site, .host, .lead, .operator]
  static let readers = writers.union([.observer])

  /// The folders of a round in which each site writes the entry with its own name; see `SwarmRoundKeys`.
  private static let foldersOfSites: Set<Substring> = ["offer", "witness", "validation"]

  let gate: PeerAuthenticator
  let register: any SwarmRegister
  private let follows = WatchLimit()

  init(gate: PeerAuthenticator, register: any SwarmRegister) {
    self.gate = gate
    self.register = register
  }

  // MARK: Reading

  func readEntry(request: Consilium_V1_ReadEntryRequest, context: ServerContext) async throws
    -> Consilium_V1_ReadEntryReply
  {
    _ = try gate.admit(context, as: Self.readers)
    let entry = try await register.entry(at: SwarmKey(checking: request.key))
    return .with { if let entry { $0.entry = entry.message } }
  }

  func listEntries(
    request: Consilium_V1_ListEntriesRequest, response: RPCWriter<Consilium_V1_EntryPage>,
    context: ServerContext
  ) async throws {
    _ = try gate.admit(context, as: Self.readers)
    let snapshot = try await register.entries(under: SwarmKey(checking: request.key))
    var start = 0
    repeat {
      // Small entries share a page; a page takes a few large ones at most.
      var (end, bytes) = (start, 0)
      while end < snapshot.entries.count, bytes < SwarmLimits.largestValue {
        bytes += snapshot.entries[end].value.count + SwarmLimits.longestKey
        end += 1
      }
      let entries = snapshot.entries[start..<end]
      try await response.write(
        .with {
          $0.revision = UInt64(snapshot.revision)
          $0.entries = entries.map(\.message)
        })
      start = end
    } while start < snapshot.entries.count
  }

  func followEntries(
    request: Consilium_V1_FollowEntriesRequest, response: RPCWriter<Consilium_V1_EntryChange>,
    context: ServerContext
  ) async throws {
    let peer = try gate.admit(context, as: Self.readers)
    let (key, revision) = (try SwarmKey(checking: request.key), try swarmRevision(request.after))
    try follows.enter(peer.party)
    defer { follows.leave(peer.party) }
    for try await change in register.changes(under: key, after: revision) {
      try gate.check(peer, as: Self.readers)
      try await response.write(change.message)
    }
    throw ConsiliumError(.unavailable, "the anchor ends; read the entries again at another one")
  }

  // MARK: Writing

  func createEntry(request: Consilium_V1_CreateEntryRequest, context: ServerContext) async throws
    -> Consilium_V1_CreateEntryReply
  {
    let peer = try gate.admit(context, as: Self.writers)
    let key = try SwarmKey(checking: request.key)
    try Self.check(key, createdBy: peer.party)
    guard request.value.count <= SwarmLimits.largestValue else {
      throw ConsiliumError(
        .invalidInput,
        "the entry '\(key)' has \(request.value.count) bytes; a register takes at most \(SwarmLimits.largestValue)"
      )
    }
    let fence: SwarmFence? =
      try request.hasFence
      ? SwarmFence(
        SwarmEntry(
          key: SwarmKey(checking: request.fence.key), value: [],
          revision: swarmRevision(request.fence.revision))) : nil
    return try await register.create(
      key, Array(request.value), lease: request.lease == 0 ? nil : .init(request.lease), fence: fence
    ).message
  }

  /// Checks that a member does not take the place of another one. The entry would not count, since it lacks the
  /// other's signature, but the other could no longer create its own.
  private static func check(_ key: SwarmKey, createdBy party: Party) throws {
    let names = key.description.split(separator: "/").suffix(2)
    guard names.count == 2, let folder = names.first, foldersOfSites.contains(folder),
      party.role != .site || names.last.map(String.init) != party.name
    else { return }
    throw RPCError(
      code: .permissionDenied, message: "\(party) cannot create '\(key)': this entry is another member's")
  }

  func grantLease(request: Consilium_V1_GrantLeaseRequest, context: ServerContext) async throws
    -> Consilium_V1_GrantLeaseReply
  {
    _ = try gate.admit(context, as: Self.writers)
    let duration = Duration.milliseconds(Int64(request.milliseconds))
    guard SwarmLimits.leases.contains(duration) else {
      throw ConsiliumError(
        .invalidInput,
        "a lease of \(request.milliseconds) milliseconds; expected 1000 to 3600000")
    }
    let lease = try await register.grantLease(of: duration)
    return .with {
      $0.id = lease.id.number
      $0.milliseconds = UInt32(clamping: Int(lease.duration / .milliseconds(1)))
    }
  }

  func renewLease(request: Consilium_V1_LeaseRequest, context: ServerContext) async throws
    -> Consilium_V1_RenewLeaseReply
  {
    _ = try gate.admit(context, as: Self.writers)
    let isRenewed = try await register.renew(.init(request.id))
    return .with { $0.isRenewed = isRenewed }
  }

  func revokeLease(request: Consilium_V1_LeaseRequest, context: ServerContext) async throws
    -> Consilium_V1_RevokeLeaseReply
  {
    _ = try gate.admit(context, as: Self.writers)
    try await register.revoke(.init(request.id))
    return .init()
  }
}
