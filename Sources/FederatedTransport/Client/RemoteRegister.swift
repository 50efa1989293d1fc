import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// The register of a swarm, reached through any of its anchors.
public struct RemoteRegister: SwarmRegister {
  private let links: AnchorLinks

  public init(_ links: AnchorLinks) { self.links = links }

  private func stub(_ link: NetworkLink) -> Consilium_V1_Register.Client<HTTP2ClientTransport.Posix> {
    .init(wrapping: link.client)
  }

  // MARK: Entries

  public func entry(at key: SwarmKey) async throws -> SwarmEntry? {
    let reply = try await links.any { link in
      try await stub(link).readEntry(.with { $0.key = key.description }, options: AnchorLinks.options)
    }
    return try reply.hasEntry ? SwarmEntry(reply.entry) : nil
  }

  public func entries(under key: SwarmKey) async throws -> SwarmSnapshot {
    try await links.any { link in
      try await stub(link).listEntries(
        .with { $0.key = key.description }, options: .patientStream
      ) { response in
        var snapshot: SwarmSnapshot?
        for try await page in response.messages {
          let revision = try swarmRevision(page.revision)
          snapshot = snapshot ?? SwarmSnapshot(entries: [], revision: revision)
          snapshot?.entries += try page.entries.map(SwarmEntry.init)
        }
        guard let snapshot else { throw messageFault("a list of entries without a page") }
        return snapshot
      }
    }
  }

  /// Creates an entry. Calls one anchor only: after a failure it is unknown whether the entry was created, so
  /// the caller must know of it.
  public func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?)
    async throws
    -> SwarmCreation
  {
    guard value.count <= SwarmLimits.largestValue else {
      throw ConsiliumError(
        .invalidInput,
        "the entry '\(key)' has \(value.count) bytes; a register takes at most \(SwarmLimits.largestValue)")
    }
    let request = Consilium_V1_CreateEntryRequest.with {
      $0.key = key.description
      $0.value = Data(value)
      $0.lease = lease?.number ?? 0
      if let fence {
        $0.fence = .with { ($0.key, $0.revision) = (fence.key.description, UInt64(fence.revision)) }
      }
    }
    return try await SwarmCreation(
      links.once { link in try await stub(link).createEntry(request, options: AnchorLinks.options) })
  }

  // MARK: Changes

  public func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<
    SwarmChange, any Error
  > {
    let (stream, sink) = AsyncThrowingStream<SwarmChange, any Error>.makeStream()
    let request = Consilium_V1_FollowEntriesRequest.with {
      ($0.key, $0.after) = (key.description, UInt64(clamping: revision))
    }
    let task = Task {
      do {
        try await links.once { link in
          try await stub(link).followEntries(request, options: .endlessStream) { response in
            for try await change in response.messages { sink.yield(try SwarmChange(change)) }
            throw RPCError(code: .unavailable, message: "the stream of changes ended")
          }
        }
        sink.finish()
      } catch {
        sink.finish(throwing: error)
      }
    }
    sink.onTermination = { _ in task.cancel() }
    return stream
  }

  // MARK: Leases

  public func grantLease(of duration: Duration) async throws -> SwarmLease {
    guard SwarmLimits.leases.contains(duration) else {
      throw ConsiliumError(
        .invalidInput, "a lease of \(duration); expected 1 to 3600 seconds")
    }
    let milliseconds = UInt32((duration / .milliseconds(1)).rounded(.up))
    let reply = try await links.any { link in
      try await stub(link).grantLease(
        .with { $0.milliseconds = milliseconds }, options: AnchorLinks.options)
    }
    return SwarmLease(id: .init(reply.id), duration: .milliseconds(Int64(reply.milliseconds)))
  }

  public func renew(_ lease: SwarmLease.ID) async throws -> Bool {
    try await links.any { link in
      try await stub(link).renewLease(.with { $0.id = lease.number }, options: AnchorLinks.options)
    }.isRenewed
  }

  public func revoke(_ lease: SwarmLease.ID) async throws {
    _ = try await links.any { link in
      try await stub(link).revokeLease(.with { $0.id = lease.number }, options: AnchorLinks.options)
    }
  }
}

extension CallOptions {
  /// A call whose reply may take minutes to arrive, and that fails at once if there is no connection.
  fileprivate static var patientStream: Self {
    var options = CallOptions.timeout(.seconds(300))
    options.waitForReady = false
    return options
  }

  /// A call that lasts until one end leaves, and that fails at once if there is no connection.
  fileprivate static var endlessStream: Self {
    var options = CallOptions.defaults
    options.waitForReady = false
    return options
  }
}
