import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// The register of an anchor: a client of the etcd process in the anchor's folder.
///
/// It is usable while ``run()`` is running. No call is repeated: the caller decides. Entries of one lease
/// disappear at one revision.
public final class EtcdRegister: SwarmRegister {
  /// The maximum size of an entry's value in bytes. etcd accepts at most 1.5 MiB.
  public static let largestValue = 1 << 20
  /// How long a call may take, in particular while several anchors elect a leader.
  private static let patience = Duration.seconds(10)
  /// The number of entries that are read at once. Their values must fit into one message, of 4 MiB at most.
  private static let page: Int64 = 3

  private let client: GRPCClient<HTTP2ClientTransport.Posix>
  /// The folder of the socket, kept open: its path may be too long for the name of a socket.
  private let folder: FolderDescriptor

  /// - Parameter folder: the folder in which etcd runs; see ``EtcdConfiguration``.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the folder cannot be opened.
  public init(in folder: URL) throws {
    self.folder = try FolderDescriptor(folder)
    let transport = try HTTP2ClientTransport.Posix(
      target: .unixDomainSocket(
        path: self.folder.path(of: EtcdConfiguration.clientSocket), authority: "localhost"),
      transportSecurity: .plaintext,
      config: .defaults { config in
        config.backoff = .init(
          initial: .milliseconds(100), max: .seconds(1), multiplier: 1.6, jitter: 0.2)
      })
    client = GRPCClient(transport: transport)
  }

  /// The path of the socket by which etcd reaches an anchor, for this process.
  public func peerSocket(of anchor: String) -> String {
    folder.path(of: EtcdConfiguration.peerSocket(of: anchor))
  }

  /// Keeps the connection open until the task is cancelled or ``shutDown()`` is called.
  public func run() async throws { try await client.runConnections() }

  public func shutDown() { client.beginGracefulShutdown() }

  /// Runs `body` with a register that is closed afterwards.
  public static func with<Result: Sendable>(
    in folder: URL, _ body: @Sendable (EtcdRegister) async throws -> Result
  ) async throws -> Result {
    let register = try EtcdRegister(in: folder)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await register.run() }
      // Cancel instead of waiting for the calls in progress: an abandoned watch never ends by itself.
      defer { group.cancelAll() }
      return try await body(register)
    }
  }

  /// Waits until etcd answers.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if that takes longer than `patience`.
  public func waitUntilReady(_ patience: Duration) async throws {
    let end = ContinuousClock.now + patience
    while true {
      do {
        _ = try await entry(at: SwarmKey("consilium"))
        return
      } catch let error as ConsiliumError {
        guard error.code == .unavailable, ContinuousClock.now < end else { throw error }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private var options: CallOptions {
    var options = CallOptions.defaults
    options.timeout = Self.patience
    options.waitForReady = false
    options.maxResponseMessageBytes = 64 << 20
    return options
  }

  /// Carries out a call.
  private func call<Result>(_ body: (CallOptions) async throws -> Result) async throws -> Result {
    do { return try await body(options) } catch { throw EtcdFault.error(of: error) }
  }

  // MARK: Entries

  private var keys: Etcdserverpb_KV.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }

  public func entry(at key: SwarmKey) async throws -> SwarmEntry? {
    let reply = try await call { options in
      try await keys.range(.with { $0.key = key.bytes }, options: options)
    }
    return try reply.kvs.first.map(SwarmEntry.init)
  }

  public func entries(under key: SwarmKey) async throws -> SwarmSnapshot {
    var request = Etcdserverpb_RangeRequest.with {
      $0.key = key.firstBelow
      $0.rangeEnd = key.endBelow
      $0.limit = Self.page
    }
    var entries: [SwarmEntry] = []
    while true {
      let page = request
      let reply = try await call { options in try await keys.range(page, options: options) }
      entries += try reply.kvs.map(SwarmEntry.init)
      // All pages are read at the revision of the first one.
      if request.revision == 0 { request.revision = reply.header.revision }
      guard reply.more, let last = reply.kvs.last else {
        return SwarmSnapshot(entries: entries, revision: Int(request.revision))
      }
      request.key = last.key + [0]
    }
  }

  public func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?)
    async throws
    -> SwarmCreation
  {
    guard value.count <= Self.largestValue else {
      throw ConsiliumError(
        .invalidInput,
        "the entry '\(key)' has \(value.count) bytes; a register takes at most \(Self.largestValue)")
    }
    let (request, fenceKey) = (Self.creation(of: key, value, lease, fence), fence?.key)
    let reply: Etcdserverpb_TxnResponse
    do {
      reply = try await call { options in try await keys.txn(request, options: options) }
    } catch let error as ConsiliumError where lease != nil && EtcdFault.isLostLease(error) {
      return .fenced
    }
    if reply.succeeded {
      return .created(SwarmEntry(key: key, value: value, revision: Int(reply.header.revision)))
    }
    let found = try reply.responses.map { try $0.responseRange.kvs.first.map(SwarmEntry.init) }
    if fenceKey != nil, found.last??.revision != fence?.revision { return .fenced }
    guard let existing = found.first ?? nil else { throw EtcdFault.contradiction }
    return .exists(existing)
  }

  /// Creates the entry if there is none and the fence holds; otherwise reads what is in the way.
  private static func creation(
    of key: SwarmKey, _ value: [UInt8], _ lease: SwarmLease.ID?, _ fence: SwarmFence?
  ) -> Etcdserverpb_TxnRequest {
    .with { request in
      let conditions = [(key, 0)] + (fence.map { [($0.key, $0.revision)] } ?? [])
      for (key, revision) in conditions {
        request.compare.append(
          .with {
            $0.target = .create
            $0.key = key.bytes
            $0.createRevision = Int64(revision)
          })
        request.failure.append(.with { $0.requestRange = .with { $0.key = key.bytes } })
      }
      request.success.append(
        .with {
          $0.requestPut = .with {
            $0.key = key.bytes
            $0.value = Data(value)
            $0.lease = lease?.number ?? 0
          }
        })
    }
  }

  // MARK: Changes

  public func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<
    SwarmChange, any Error
  > {
    let (stream, sink) = AsyncThrowingStream<SwarmChange, any Error>.makeStream()
    let request = Etcdserverpb_WatchCreateRequest.with {
      $0.key = key.firstBelow
      $0.rangeEnd = key.endBelow
      $0.startRevision = Int64(revision) + 1
    }
    let task = Task { [client] in
      do {
        try await Self.watch(request, client) { sink.yield($0) }
        sink.finish(throwing: EtcdFault.endedWatch("the stream ended"))
      } catch {
        sink.finish(throwing: EtcdFault.error(of: error))
      }
    }
    sink.onTermination = { _ in task.cancel() }
    return stream
  }

  private static func watch(
    _ request: Etcdserverpb_WatchCreateRequest, _ client: GRPCClient<HTTP2ClientTransport.Posix>,
    found: @escaping @Sendable (SwarmChange) -> Void
  ) async throws {
    // The request stays open until the response ends.
    let (open, close) = AsyncStream.makeStream(of: Never.self)
    var options = CallOptions.defaults
    options.waitForReady = false
    options.maxResponseMessageBytes = 64 << 20
    try await Etcdserverpb_Watch.Client(wrapping: client).watch(
      metadata: EtcdFault.needsLeader, options: options,
      requestProducer: { writer in
        try await writer.write(.with { $0.createRequest = request })
        for await _ in open {}
      },
      onResponse: { response in
        defer { close.finish() }
        for try await message in response.messages {
          guard !message.canceled else { throw EtcdFault.endedWatch(message.reason) }
          for event in message.events {
            if let change = try SwarmChange(event) { found(change) }
          }
        }
      })
  }

  // MARK: Leases

  private var leases: Etcdserverpb_Lease.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }

  /// Grants a lease of whole seconds, rounded up. etcd grants at least 1.5 times the time after which anchors
  /// elect a new leader. The lease's ID is random, so that no other member can guess and end it.
  public func grantLease(of duration: Duration) async throws -> SwarmLease {
    guard duration > .zero, duration <= .seconds(86_400) else {
      throw ConsiliumError(
        .invalidInput, "a lease of \(duration.components.seconds) seconds; expected 1 to 86400")
    }
    let seconds = duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
    let id = Int64.random(in: 1...Int64.max)
    let reply = try await call { options in
      try await leases.leaseGrant(.with { ($0.ttl, $0.id) = (seconds, id) }, options: options)
    }
    return SwarmLease(id: .init(reply.id), duration: .seconds(reply.ttl))
  }

  public func renew(_ lease: SwarmLease.ID) async throws -> Bool {
    try await call { options in
      try await leases.leaseKeepAlive(
        metadata: EtcdFault.needsLeader, options: options,
        requestProducer: { try await $0.write(.with { $0.id = lease.number }) },
        onResponse: { response in
          for try await reply in response.messages { return reply.ttl > 0 }
          throw EtcdFault.contradiction
        })
    }
  }

  public func revoke(_ lease: SwarmLease.ID) async throws {
    do {
      _ = try await call { options in
        try await leases.leaseRevoke(.with { $0.id = lease.number }, options: options)
      }
    } catch let error as ConsiliumError where EtcdFault.isLostLease(error) {
      // It has ended already, perhaps by an earlier attempt of this call.
    }
  }
}
