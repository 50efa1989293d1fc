import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOSSL

/// The network server of a coordinator or an anchor: one port, mutual TLS 1.3, gRPC over HTTP/2.
public struct FederationServer: Sendable {
  /// The server's address and its limits.
  public struct Configuration: Sendable {
    public var host: String
    /// The port; 0 for any free port.
    public var port: Int
    public var limits = ConnectionLimits()

    public init(host: String = "0.0.0.0", port: Int) {
      self.host = host
      self.port = port
    }

    fileprivate var address: GRPCNIOTransportCore.SocketAddress {
      host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port)
    }
  }

  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let transport: HTTP2ServerTransport.Posix
  private let connections: ConnectionRegistry
  private let gate: PeerAuthenticator
  private let ledger: TrafficLedger

  /// The server of a coordinator.
  ///
  /// - Parameters:
  ///   - keeper: the coordinator's identity; its certificate names the hosts under which sites reach it.
  ///   - gate: decides which callers are accepted.
  ///   - connectionsChanged: called when a peer with a certificate connects or disconnects; must return
  ///     quickly.
  ///   - connectionRefused: called when a client exceeds a limit, at most once a minute per client; must
  ///     return quickly.
  public init(
    _ configuration: Configuration, keeper: IdentityKeeper, gate: PeerAuthenticator,
    coordination: any CoordinationHandler, administration: any AdministrationHandler,
    connectionsChanged: @escaping @Sendable () -> Void = {},
    connectionRefused: @escaping @Sendable (RefusedConnection) -> Void = { _ in }
  ) {
    let ledger = TrafficLedger()
    self.init(
      configuration, keeper: keeper, gate: gate,
      connections: ConnectionRegistry(
        configuration.limits, changed: connectionsChanged, refused: connectionRefused), ledger: ledger,
      services: [
        CoordinationService(gate: gate, handler: coordination),
        FileService(
          gate: gate, coordination: coordination, administration: administration, traffic: ledger,
          chunkPatience: configuration.limits.chunk),
        AdministrationService(gate: gate, handler: administration),
      ])
  }

  /// The server of an anchor.
  ///
  /// - Parameters:
  ///   - keeper: the anchor's identity; its certificate names the hosts under which members reach it.
  ///   - gate: decides which callers are accepted.
  ///   - door: where the etcd processes of other anchors are let in; `nil` for a single anchor.
  ///   - connectionRefused: called when a client exceeds a limit, at most once a minute per client; must
  ///     return quickly.
  public init(
    _ configuration: Configuration, keeper: IdentityKeeper, gate: PeerAuthenticator,
    register: any SwarmRegister, relay: RelayStore, door: PeerDoor? = nil,
    connectionRefused: @escaping @Sendable (RefusedConnection) -> Void = { _ in }
  ) {
    self.init(
      configuration, keeper: keeper, gate: gate,
      connections: ConnectionRegistry(configuration.limits, refused: connectionRefused),
      ledger: TrafficLedger(),
      services: [
        RegisterService(gate: gate, register: register),
        RelayService(gate: gate, store: relay, patience: configuration.limits.chunk),
      ] + (door.map { [PeerService(gate: gate, door: $0)] } ?? []))
  }

  private init(
    _ configuration: Configuration, keeper: IdentityKeeper, gate: PeerAuthenticator,
    connections: ConnectionRegistry, ledger: TrafficLedger, services: [any RegistrableRPCService]
  ) {
    let identity = keeper.identity
    transport = HTTP2ServerTransport.Posix(
      address: configuration.address,
      transportSecurity: .mTLS(
        certificateChain: [.bytes(Array(identity.certificatePEM.utf8), format: .pem)],
        privateKey: .bytes(Array(identity.privateKeyPEM.utf8), format: .pem)
      ) { tls in
        tls.trustRoots = .certificates([.bytes(Array(identity.authority.pem.utf8), format: .pem)])
        tls.clientCertificateVerification = .noHostnameVerification
        tls.requireALPN = true
        tls.certificateReloader = keeper
      },
      config: .defaults { config in
        NetworkTuning.apply(to: &config.http2)
        config.rpc.maxRequestPayloadSize = NetworkTuning.largestMessage
        // A peer that vanished without closing its connection must not delay the shutdown.
        config.connection.maxGraceTime = .seconds(5)
        config.connection.keepalive = .init(
          time: configuration.limits.keepalive.every, timeout: configuration.limits.keepalive.answer,
          clientBehavior: .init(minPingIntervalWithoutCalls: .seconds(5), allowWithoutCalls: true))
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
          Self.watch(channel, for: connections)
        }
      })
    server = GRPCServer(transport: transport, services: services)
    self.connections = connections
    self.gate = gate
    self.ledger = ledger
  }

  /// Creates a server whose identity does not change.
  public init(
    _ configuration: Configuration, identity: Identity, gate: PeerAuthenticator,
    coordination: any CoordinationHandler, administration: any AdministrationHandler
  ) {
    self.init(
      configuration, keeper: IdentityKeeper(identity), gate: gate, coordination: coordination,
      administration: administration)
  }

  private static func watch(_ channel: any Channel, for connections: ConnectionRegistry) -> EventLoopFuture<
    Void
  > {
    let address = ClientPool.name(of: channel.remoteAddress?.ipAddress ?? "")
    guard connections.open(from: address) else { return channel.close() }
    return channel.eventLoop.makeCompletedFuture {
      let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
      try channel.pipeline.syncOperations.addHandler(
        ConnectionGuard(connections, address: address), position: .after(tls))
    }
  }

  /// The port on which the server listens. Waits until the server has started to listen.
  public var port: Int {
    get async throws {
      let address = try await transport.listeningAddress
      return address.ipv4?.port ?? address.ipv6?.port ?? 0
    }
  }

  /// The number of open connections.
  public var connectionCount: Int { connections.count }

  /// The parties that have an open connection.
  public var connectedParties: Set<Party> { connections.parties }

  /// The number of bytes of files that each site has sent and fetched since the server started.
  public var traffic: [SiteID: SiteTraffic] { ledger.totals }

  /// How long the server may take to end its calls once its task was cancelled and its connections are closed.
  /// After this time, calls that still wait for news are cut off.
  private static let grace = Duration.seconds(1)

  /// Serves until the server is shut down or the task is cancelled.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the port is not available.
  public func run() async throws {
    do {
      try await serve()
    } catch let error as RuntimeError {
      // A server that was told to stop has not failed.
      if Task.isCancelled || error.cause is CancellationError { return }
      let cause = error.cause.map { ": \($0)" } ?? ""
      throw ConsiliumError(.unavailable, "the network server stopped: \(error.message)\(cause)", cause: error)
    }
  }

  /// Serves in a task of its own, which is cancelled only when nothing arrives any more.
  ///
  /// swift-nio ends the process if the task is cancelled while it accepts a connection or a call, which is then
  /// dropped before it is served. So close the port and the connections first.
  private func serve() async throws {
    let serving = Task { try await server.serve() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: {
      server.beginGracefulShutdown()
      connections.stop()
      Task {
        try? await Task.sleep(for: Self.grace)
        serving.cancel()
      }
    }
  }

  /// Closes open connections once the calls in progress have finished.
  public func shutDown() { server.beginGracefulShutdown() }

  /// Applies a new revocation list at once, also to open connections.
  public func update(_ authority: Authority) {
    gate.update(authority)
    closeInvalid()
  }

  /// Closes the connections whose certificates are no longer valid. If a certificate was renewed, its holder
  /// reconnects with the new certificate.
  public func closeInvalid() {
    connections.closeAll { der in
      guard let peer = try? PeerCertificate(derEncoded: der) else { return false }
      return (try? gate.check(peer, as: Set(Role.allCases))) != nil
    }
  }
}
