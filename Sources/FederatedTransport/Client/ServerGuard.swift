import Credentials
import FederatedCore
import Foundation
import GRPCCore
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// Holds the reason why this party closed its latest connection; `nil` if it accepted the server.
final class Refusal: Sendable {
  private let text = Mutex<String?>(nil)

  var reason: String? { text.withLock { $0 } }

  func set(_ reason: String?) { text.withLock { $0 = reason } }
}

/// Closes the connection unless the server uses TLS 1.3 and has a valid certificate of its role. Rechecks the
/// certificate while the connection is open.
final class ServerGuard: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  private let keeper: IdentityKeeper
  private let role: Role
  private let refusal: Refusal
  private let interval: Duration
  private let patience: TimeAmount
  private var greeting: Scheduled<Void>?
  private var watch: RepeatedTask?

  /// - Parameters:
  ///   - keeper: supplies the authority and its current revocations at each check.
  ///   - role: the role that the server must have.
  ///   - interval: the time between two checks of an open connection.
  ///   - patience: how long the server may take to send its first bytes. gRPC only sends pings after that.
  init(
    _ keeper: IdentityKeeper, _ refusal: Refusal, role: Role = .coordinator, every interval: Duration,
    patience: Duration
  ) {
    self.keeper = keeper
    self.role = role
    self.refusal = refusal
    self.interval = interval
    self.patience = TimeAmount(patience)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    greeting = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { leave() }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  private func leave() {
    greeting?.cancel()
    watch?.cancel()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    greeting?.cancel()
    context.fireChannelRead(data)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
      let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
      let reason = fault(tls)
      refusal.set(reason)
      guard reason == nil else { return context.close(promise: nil) }
      keepWatch(on: tls, context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  private func keepWatch(on tls: NIOSSLClientHandler?, _ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, tls, context.channel), eventLoop: context.eventLoop)
    let interval = TimeAmount(interval)
    watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { task in
      let (guardian, tls, channel) = bound.value
      guard let reason = guardian.fault(tls) else { return }
      task.cancel()
      guardian.refusal.set(reason)
      channel.close(promise: nil)
    }
  }

  private func fault(_ tls: NIOSSLClientHandler?) -> String? {
    guard let tls, tls.tlsVersion == .tlsv13 else { return "it does not speak TLS 1.3" }
    guard let der = try? tls.peerCertificate?.toDERBytes() else { return "it presents no certificate" }
    do throws(ConsiliumError) {
      try keeper.identity.authority.check(
        try PeerCertificate(derEncoded: der), at: Date(), roles: [role])
      return nil
    } catch {
      return error.message
    }
  }
}

extension RPCError {
  /// The meaning of the TLS alert with which the server refused this party's certificate; `nil` if there was
  /// none.
  var alertByPeer: String? {
    var error: (any Error)? = self
    while let rpc = error as? RPCError { error = rpc.cause }
    guard let error else { return nil }
    let text = String(describing: error)
    return Self.alerts.first { text.contains($0.alert) }?.meaning
  }

  private static let alerts: [(alert: String, meaning: String)] = [
    ("ALERT_CERTIFICATE_EXPIRED", "it reports that this party's certificate has expired or is not yet valid"),
    ("ALERT_UNKNOWN_CA", "it does not know the authority that issued this party's certificate"),
    ("ALERT_DECRYPT_ERROR", "it does not know the authority that issued this party's certificate"),
    ("ALERT_BAD_CERTIFICATE", "it refuses this party's certificate"),
    ("ALERT_CERTIFICATE_UNKNOWN", "it refuses this party's certificate"),
    (
      "CERTIFICATE_VERIFY_FAILED",
      "its certificate was not issued by this party's authority for this address"
    ),
  ]
}
