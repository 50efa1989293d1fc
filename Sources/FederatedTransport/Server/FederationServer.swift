import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOSSL

/// The coordinator's network server: one port, mutual TLS 1.3, gRPC over HTTP/2.
public struct FederationServer: Sendable {
  /// Where it listens and what it bears.
  public struct Configuration: Sendable {
    public var host: String
    /// 0 for any free one.
    public var port: Int
    public var limits = ConnectionLimits()

    public init(host: String = "0.0.0.0", port: Int) { (self.host, self.port) = (host, port) }

    fileprivate var address: GRPCNIOTransportCore.SocketAddress {
      host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port)
    }
  }

  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let transport: HTTP2ServerTransport.Posix
  private let connections: ConnectionRegistry
  private let gate: PeerAuthenticator
  private let ledger: TrafficLedger

  /// - Parameters:
  ///   - identity: the coordinator's; its certificate names the hosts under which sites reach it.
  ///   - gate: who is let in.
  ///   - connectionsChanged: called when someone with a certificate comes or goes; quick to return.
  public init(
    _ configuration: Configuration, keeper: IdentityKeeper, gate: PeerAuthenticator,
    coordination: any CoordinationHandler, administration: any AdministrationHandler,
    connectionsChanged: @escaping @Sendable () -> Void = {}
  ) {
    let connections = ConnectionRegistry(configuration.limits, changed: connectionsChanged)
    let ledger = TrafficLedger()
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
        // A peer that is gone without a word must not hold up a server that is to end.
        config.connection.maxGraceTime = .seconds(5)
        config.connection.keepalive = .init(
          time: configuration.limits.keepalive.every, timeout: configuration.limits.keepalive.answer,
          clientBehavior: .init(minPingIntervalWithoutCalls: .seconds(5), allowWithoutCalls: true))
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
          Self.watch(channel, for: connections)
        }
      })
    server = GRPCServer(
      transport: transport,
      services: [
        CoordinationService(gate: gate, handler: coordination),
        FileService(
          gate: gate, coordination: coordination, administration: administration, traffic: ledger,
          chunkPatience: configuration.limits.chunk),
        AdministrationService(gate: gate, handler: administration),
      ])
    (self.connections, self.gate, self.ledger) = (connections, gate, ledger)
  }

  /// A server whose identity does not change.
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
    let address = channel.remoteAddress?.ipAddress ?? ""
    guard connections.open(from: address) else { return channel.close() }
    return channel.eventLoop.makeCompletedFuture {
      let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
      try channel.pipeline.syncOperations.addHandler(
        ConnectionGuard(connections, address: address), position: .after(tls))
    }
  }

  /// The port that it listens on, as soon as it does.
  public var port: Int {
    get async throws {
      let address = try await transport.listeningAddress
      return address.ipv4?.port ?? address.ipv6?.port ?? 0
    }
  }

  /// The number of open connections.
  public var connectionCount: Int { connections.count }

  /// Who has an open connection.
  public var connectedParties: Set<Party> { connections.parties }

  /// What sites have sent and fetched in files since the server started.
  public var traffic: [SiteID: SiteTraffic] { ledger.totals }

  /// Serves until it is shut down or the task is cancelled.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where the port cannot be had.
  public func run() async throws {
    do {
      try await server.serve()
    } catch let error as RuntimeError {
      // A server that was told to end has not failed.
      if Task.isCancelled || error.cause is CancellationError { return }
      let cause = error.cause.map { ": \($0)" } ?? ""
      throw ConsiliumError(.unavailable, "the network server stopped: \(error.message)\(cause)", cause: error)
    }
  }

  /// Ends open connections after the calls under way.
  public func shutDown() { server.beginGracefulShutdown() }

  /// Takes another list of revocations into account, at once and for open connections too.
  public func update(_ authority: Authority) {
    gate.update(authority)
    closeInvalid()
  }

  /// Closes the connections whose certificates no longer count; those that were renewed open again with the new one.
  public func closeInvalid() {
    connections.closeAll { der in
      guard let peer = try? PeerCertificate(derEncoded: der) else { return false }
      return (try? gate.check(peer, as: Set(Role.allCases))) != nil
    }
  }
}
