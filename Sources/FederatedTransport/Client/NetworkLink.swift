import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOSSL
import Synchronization

/// A party's connection to a coordinator or an anchor. The party opens it, and reopens it whenever it breaks.
///
/// The link is usable while ``run()`` is running. Calls made before or between connections wait for a
/// connection.
public final class NetworkLink: Sendable {
  let configuration: ClientConfiguration
  let client: GRPCClient<HTTP2ClientTransport.Posix>
  let pacer: Pacer?
  var files: FileCalls { FileCalls(client: client) }
  /// The name of the server in error messages.
  let peer: String
  /// Called with a line when the coordinator becomes unreachable, and when it is back.
  private let log: @Sendable (String) -> Void
  private let isOutOfReach = Mutex(false)
  private let lastAnswer = Mutex(ContinuousClock.now)
  /// The reason why this side closed its latest connection, if it did.
  private let refusal: Refusal

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the identity cannot be used for TLS.
  public init(
    _ configuration: ClientConfiguration, keeper: IdentityKeeper,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.configuration = configuration
    self.log = log
    let identity = keeper.identity
    let refusal = Refusal()
    self.refusal = refusal
    peer = "the \(configuration.server.rawValue) at \(configuration.host):\(configuration.port)"
    pacer = configuration.uploadRate.map { Pacer(bytesPerSecond: $0) }
    let transport: HTTP2ClientTransport.Posix
    do {
      transport = try HTTP2ClientTransport.Posix(
        target: Self.target(configuration),
        transportSecurity: .mTLS(
          certificateChain: [.bytes(Array(identity.certificatePEM.utf8), format: .pem)],
          privateKey: .bytes(Array(identity.privateKeyPEM.utf8), format: .pem)
        ) { tls in
          tls.trustRoots = .certificates([.bytes(Array(identity.authority.pem.utf8), format: .pem)])
          tls.serverCertificateVerification = .fullVerification
          tls.certificateReloader = keeper
        },
        config: .defaults { config in
          NetworkTuning.apply(to: &config.http2)
          // Set the HTTP/2 authority only to a host name, since TLS cannot request an IP address. For an
          // address, the certificate is compared with the address that was dialled.
          if !configuration.isAddress { config.http2.authority = configuration.host }
          config.backoff = .init(
            initial: .milliseconds(200), max: configuration.longestBackoff, multiplier: 1.6, jitter: 0.2)
          config.connection.keepalive = .init(
            time: configuration.keepalive.every, timeout: configuration.keepalive.answer,
            allowWithoutCalls: true)
          config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
            channel.eventLoop.makeCompletedFuture {
              let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
              try channel.pipeline.syncOperations.addHandler(
                ServerGuard(
                  keeper, refusal, role: configuration.server, every: configuration.certificateCheck,
                  patience: configuration.keepalive.every + configuration.keepalive.answer),
                position: .after(tls))
            }
          }
        })
    } catch {
      throw ConsiliumError(
        .invalidInput, "the identity of \(identity.party) cannot be used: \(error)", cause: error)
    }
    client = GRPCClient(transport: transport)
  }

  /// Creates a link whose identity does not change, for a short command.
  public convenience init(_ configuration: ClientConfiguration, identity: Identity) throws {
    try self.init(configuration, keeper: IdentityKeeper(identity))
  }

  private static func target(_ configuration: ClientConfiguration) -> any ResolvableTarget {
    if configuration.host.contains(":") {
      .ipv6(address: configuration.host, port: configuration.port)
    } else if configuration.isAddress {
      .ipv4(address: configuration.host, port: configuration.port)
    } else {
      .dns(host: configuration.host, port: configuration.port)
    }
  }

  /// Keeps the connection open until the task is cancelled or ``shutDown()`` is called.
  public func run() async throws { try await client.runConnections() }

  /// Runs `body` with a link that is closed afterwards.
  public static func with<R: Sendable>(
    _ configuration: ClientConfiguration, keeper: IdentityKeeper,
    log: @escaping @Sendable (String) -> Void = { _ in },
    _ body: @Sendable (NetworkLink) async throws -> R
  ) async throws -> R {
    let link = try NetworkLink(configuration, keeper: keeper, log: log)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await link.run() }
      defer { link.shutDown() }
      return try await body(link)
    }
  }

  /// Runs `body` with a link whose identity does not change.
  public static func with<R: Sendable>(
    _ configuration: ClientConfiguration, identity: Identity,
    _ body: @Sendable (NetworkLink) async throws -> R
  ) async throws -> R {
    try await with(configuration, keeper: IdentityKeeper(identity), body)
  }

  public func shutDown() { client.beginGracefulShutdown() }

  /// Calls `body` until it succeeds or fails permanently. Retries transient failures after a growing pause.
  ///
  /// - Throws: ``ConsiliumError``.
  func persistently<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
    let clock = ContinuousClock()
    let shortest = Duration.milliseconds(200)
    var (lastReached, pause) = (clock.now, shortest)
    while true {
      do {
        let result = try await body()
        isReached()
        note(nil)
        return result
      } catch let error as RPCError {
        try Task.checkCancellation()
        let error = explained(error)
        // The coordinator has answered since the last failure, so a large transfer is making progress.
        // Restart the outage timer.
        let answer = lastAnswer.withLock { $0 }
        if answer > lastReached { (lastReached, pause) = (answer, shortest) }
        let isOver = configuration.patience.map { clock.now - lastReached > $0 } ?? false
        guard error.isPassing, !isOver else { throw ConsiliumError(error, calling: peer) }
        note(error)
      }
      // Randomise the pause, so that not all sites call at once when a coordinator comes back.
      try await clock.sleep(for: pause * Double.random(in: 0.5...1))
      pause = min(pause * 2, configuration.longestBackoff)
    }
  }

  /// Records that the coordinator has just answered.
  func isReached() { lastAnswer.withLock { $0 = .now } }

  /// The error with this program's explanation of the failed connection in place of gRPC's message. Returns
  /// `error` itself if there is no such explanation.
  func explained(_ error: RPCError) -> RPCError {
    guard error.code == .unavailable, error.metadata.isEmpty,
      let reason = refusal.reason ?? error.alertByPeer
    else { return error }
    return RPCError(code: .unavailable, message: reason, cause: error)
  }

  /// Logs once that the coordinator is unreachable, and once that it is back.
  private func note(_ error: RPCError?) {
    let changed = isOutOfReach.withLock { isOut in
      defer { isOut = error != nil }
      return isOut != (error != nil)
    }
    guard changed else { return }
    if let error {
      log("\(ConsiliumError(error, calling: peer).message); trying again until it answers")
    } else {
      log("\(peer) answers again")
    }
  }
}

extension ConsiliumError {
  /// Whether a call ended without an answer, so that it is unknown whether the coordinator carried out the
  /// request.
  public var leavesOutcomeOpen: Bool { (cause as? RPCError)?.isPassing ?? false }
}
