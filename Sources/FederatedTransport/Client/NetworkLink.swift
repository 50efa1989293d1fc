import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOSSL
import Synchronization

/// A party's connection to its coordinator, opened by the party and opened again whenever it breaks.
///
/// One of these lives as long as ``run()``; calls made before or between connections wait for one.
public final class NetworkLink: Sendable {
  let configuration: ClientConfiguration
  let client: GRPCClient<HTTP2ClientTransport.Posix>
  let pacer: Pacer?
  var files: FileCalls { FileCalls(client: client) }
  /// How errors name the other end.
  let peer: String
  /// Takes a line when the coordinator gets out of reach, and when it is back.
  private let log: @Sendable (String) -> Void
  private let isOutOfReach = Mutex(false)
  private let lastAnswer = Mutex(ContinuousClock.now)
  /// Why this side closed the connection that it opened last.
  private let refusal: Refusal

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the identity cannot be used for TLS.
  public init(
    _ configuration: ClientConfiguration, keeper: IdentityKeeper,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.configuration = configuration
    self.log = log
    let identity = keeper.identity
    let refusal = Refusal()
    self.refusal = refusal
    peer = "the coordinator at \(configuration.host):\(configuration.port)"
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
          // An address is no name that TLS could ask for; it is verified against the connection's own.
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
                  keeper, refusal, every: configuration.certificateCheck,
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

  /// A link of an identity that does not change, for a command that is soon done.
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

  /// Keeps the connection until the task is cancelled or ``shutDown()`` is called.
  public func run() async throws { try await client.runConnections() }

  /// Runs `body` with a link that is kept for as long.
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

  /// Runs `body` with a link of an identity that does not change.
  public static func with<R: Sendable>(
    _ configuration: ClientConfiguration, identity: Identity,
    _ body: @Sendable (NetworkLink) async throws -> R
  ) async throws -> R {
    try await with(configuration, keeper: IdentityKeeper(identity), body)
  }

  public func shutDown() { client.beginGracefulShutdown() }

  /// Calls `body` until it succeeds or fails for good; what passes is tried again after a growing pause.
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
        // A large file that had got on since the last failure is no sign of an outage.
        let answer = lastAnswer.withLock { $0 }
        if answer > lastReached { (lastReached, pause) = (answer, shortest) }
        let isOver = configuration.patience.map { clock.now - lastReached > $0 } ?? false
        guard error.isPassing, !isOver else { throw ConsiliumError(error, calling: peer) }
        note(error)
      }
      // Not all sites at once when a coordinator comes back.
      try await clock.sleep(for: pause * Double.random(in: 0.5...1))
      pause = min(pause * 2, configuration.longestBackoff)
    }
  }

  /// Remembers that the coordinator has answered just now.
  func isReached() { lastAnswer.withLock { $0 = .now } }

  /// What is known of why a connection failed, in place of what gRPC makes of it.
  private func explained(_ error: RPCError) -> RPCError {
    guard error.code == .unavailable, error.metadata.isEmpty,
      let reason = refusal.reason ?? error.alertByPeer
    else { return error }
    return RPCError(code: .unavailable, message: reason, cause: error)
  }

  /// Says once that the link is gone, and once that it is back.
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
  /// True where a call was given up without an answer: the coordinator may have done what was asked, or not.
  public var leavesOutcomeOpen: Bool { (cause as? RPCError)?.isPassing ?? false }
}
