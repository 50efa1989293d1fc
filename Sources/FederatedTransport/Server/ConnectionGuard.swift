import Credentials
import Foundation
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// The limits on a server's connections, in number and in time.
public struct ConnectionLimits: Sendable {
  /// The maximum number of connections.
  public var total = 1024
  /// The maximum number of connections from one address that have not yet presented a certificate.
  public var unauthenticatedPerAddress = 16
  /// The maximum number of connections from one address.
  public var perAddress = 256
  /// The maximum number of connections with the certificates of one party.
  public var perParty = 64
  /// How long the TLS handshake may take.
  public var handshake: TimeAmount = .seconds(10)
  /// How long each chunk of an upload may take. Chunks that have arrived by then are kept.
  public var chunk: Duration = .seconds(120)
  /// The interval between pings on an idle connection, and the time that the reply may take before the
  /// connection is closed. Clients must send something more often than the sum of these two durations.
  public var keepalive: (every: Duration, answer: Duration) = (.seconds(30), .seconds(15))

  public init() {}
}

/// A connection that was refused because its client has too many.
public struct RefusedConnection: Sendable, Equatable, CustomStringConvertible {
  /// The address or the party with too many connections.
  public var client: String
  public var description: String

  fileprivate static func unauthenticated(_ client: String, _ limit: Int) -> Self {
    Self(
      client: client,
      description: "refused a connection from \(client), which has \(limit) without a certificate already")
  }

  fileprivate static func address(_ client: String, _ limit: Int) -> Self {
    Self(client: client, description: "refused a connection from \(client), which has \(limit) already")
  }

  fileprivate static func total(_ client: String, _ limit: Int) -> Self {
    Self(
      client: client,
      description: "refused a connection from \(client): all clients together have \(limit), the maximum")
  }

  fileprivate static func party(_ party: Party, _ limit: Int) -> Self {
    Self(
      client: party.description, description: "refused a connection of \(party), which has \(limit) already")
  }
}

/// Tracks a server's connections. Refuses connections that exceed the limits, have a slow handshake or use an
/// older version than TLS 1.3. Closes connections with a revoked certificate.
final class ConnectionRegistry: Sendable {
  private struct State {
    var open = 0
    var isStopped = false
    var perAddress: [String: Int] = [:]
    var unauthenticated: [String: Int] = [:]
    var channels: [ObjectIdentifier: (channel: any Channel, certificate: [UInt8], party: Party?)] = [:]
    var parties: [Party: Int] = [:]
    /// The clients whose refusal was reported, so that a flood of connections is no flood of log lines.
    var reported: [String: ContinuousClock.Instant] = [:]
  }

  let limits: ConnectionLimits
  /// Called when a peer with a certificate connects or disconnects.
  private let changed: @Sendable () -> Void
  /// Called when a client exceeds a limit, at most once a minute per client.
  private let refused: @Sendable (RefusedConnection) -> Void
  private let state = Mutex(State())

  init(
    _ limits: ConnectionLimits, changed: @escaping @Sendable () -> Void = {},
    refused: @escaping @Sendable (RefusedConnection) -> Void = { _ in }
  ) {
    self.limits = limits
    self.changed = changed
    self.refused = refused
  }

  /// Registers a new connection. Returns `false` if that would exceed a limit.
  ///
  /// - Parameter address: the pool of the client's address.
  func open(from address: String) -> Bool {
    let refusal = state.withLock { state -> RefusedConnection? in
      if let refusal = exceeded(state, address) { return refusal }
      state.open += 1
      state.perAddress[address, default: 0] += 1
      state.unauthenticated[address, default: 0] += 1
      return nil
    }
    if let refusal { report(refusal) }
    return refusal == nil
  }

  private func exceeded(_ state: State, _ address: String) -> RefusedConnection? {
    if state.unauthenticated[address, default: 0] >= limits.unauthenticatedPerAddress {
      return .unauthenticated(address, limits.unauthenticatedPerAddress)
    }
    if state.perAddress[address, default: 0] >= limits.perAddress {
      return .address(address, limits.perAddress)
    }
    return state.open >= limits.total ? .total(address, limits.total) : nil
  }

  /// Registers the certificate of a connection. Returns `false` if its party has too many connections, or
  /// the server stops.
  func authenticated(_ channel: any Channel, from address: String, certificate: [UInt8]) -> Bool {
    let party = (try? PeerCertificate(derEncoded: certificate))?.party
    let isWithin = state.withLock { state in
      state.unauthenticated.decrement(address)
      if state.isStopped { return false }
      if let party, state.parties[party, default: 0] >= limits.perParty { return false }
      if let party { state.parties[party, default: 0] += 1 }
      state.channels[ObjectIdentifier(channel)] = (channel, certificate, party)
      return true
    }
    if isWithin {
      changed()
    } else if let party, !state.withLock(\.isStopped) {
      report(.party(party, limits.perParty))
    }
    return isWithin
  }

  private func report(_ refusal: RefusedConnection) {
    let isNew = state.withLock { state in
      let now = ContinuousClock.now
      if let last = state.reported[refusal.client], now - last < .seconds(60) { return false }
      if state.reported.count >= 1000 { state.reported.removeAll() }
      state.reported[refusal.client] = now
      return true
    }
    if isNew { refused(refusal) }
  }

  func closed(_ channel: any Channel, from address: String, wasAuthenticated: Bool) {
    state.withLock { state in
      state.open -= 1
      state.perAddress.decrement(address)
      if !wasAuthenticated { state.unauthenticated.decrement(address) }
      let known = state.channels.removeValue(forKey: ObjectIdentifier(channel))
      if let party = known?.party { state.parties.decrement(party) }
    }
    if wasAuthenticated { changed() }
  }

  /// The parties that have an open connection.
  var parties: Set<Party> { state.withLock { Set($0.channels.values.compactMap(\.party)) } }

  /// Closes the connections whose certificate `isGood` rejects.
  func closeAll(unless isGood: ([UInt8]) -> Bool) {
    let open = state.withLock { Array($0.channels.values) }
    for connection in open where !isGood(connection.certificate) { connection.channel.close(promise: nil) }
  }

  /// Closes all connections that have presented a certificate, and all others as soon as they do.
  func stop() {
    state.withLock { $0.isStopped = true }
    closeAll { _ in false }
  }

  var count: Int { state.withLock { $0.open } }
}

extension Dictionary where Value == Int {
  fileprivate mutating func decrement(_ key: Key) {
    let count = (self[key] ?? 1) - 1
    self[key] = count > 0 ? count : nil
  }
}

/// Watches one connection for a ``ConnectionRegistry``. Its place in the pipeline is after the TLS handler.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let registry: ConnectionRegistry
  private let address: String
  private var handshakeTimeout: Scheduled<Void>?
  private var silence: RepeatedTask?
  private var hasSpoken = false
  private var isAuthenticated = false
  private var isCounted = true

  init(_ registry: ConnectionRegistry, address: String) {
    self.registry = registry
    self.address = address
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    handshakeTimeout = context.eventLoop.scheduleTask(in: registry.limits.handshake) {
      channel.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { leave(context.channel) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    hasSpoken = true
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    leave(context.channel)
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
      let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
      guard let tls, tls.tlsVersion == .tlsv13, let certificate = try? tls.peerCertificate?.toDERBytes()
      else {
        return context.close(promise: nil)
      }
      handshakeTimeout?.cancel()
      isAuthenticated = true
      guard registry.authenticated(context.channel, from: address, certificate: certificate) else {
        return context.close(promise: nil)
      }
      listen(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Closes idle connections. gRPC does this too, but only after a valid HTTP/2 preface.
  private func listen(_ context: ChannelHandlerContext) {
    let patience = TimeAmount(registry.limits.keepalive.every + registry.limits.keepalive.answer)
    let bound = NIOLoopBound((self, context.channel), eventLoop: context.eventLoop)
    silence = context.eventLoop.scheduleRepeatedTask(initialDelay: patience, delay: patience) { _ in
      let (guardian, channel) = bound.value
      if !guardian.hasSpoken { channel.close(promise: nil) }
      guardian.hasSpoken = false
    }
  }

  private func leave(_ channel: any Channel) {
    handshakeTimeout?.cancel()
    silence?.cancel()
    guard isCounted else { return }
    isCounted = false
    registry.closed(channel, from: address, wasAuthenticated: isAuthenticated)
  }
}
