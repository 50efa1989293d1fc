import Credentials
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A stranger's connection: TCP, perhaps TLS with any certificate, and no protocol on top.
struct RawConnection: Sendable {
  /// How a stranger connects.
  struct Manners: Sendable {
    var identity: Identity?
    var isPlain = false
    var highestTLS = TLSVersion.tlsv13
    var protocols = ["h2"]
    /// The local address of the connection.
    var from = "127.0.0.1"
  }

  private let channel: any Channel
  private let first: EventLoopFuture<[UInt8]>

  static func open(_ port: Int, _ manners: Manners) async throws -> RawConnection {
    let group = MultiThreadedEventLoopGroup.singleton
    let first = group.next().makePromise(of: [UInt8].self)
    let channel = try await ClientBootstrap(group: group)
      .bind(to: SocketAddress(ipAddress: manners.from, port: 0))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if !manners.isPlain {
            let context = try NIOSSLContext(configuration: configuration(manners))
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: context, serverHostname: nil))
          }
          try channel.pipeline.syncOperations.addHandler(FirstBytes(first))
        }
      }.connect(host: "127.0.0.1", port: port).get()
    return RawConnection(channel: channel, first: first.futureResult)
  }

  private static func configuration(_ manners: Manners) throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateVerification = .none
    tls.maximumTLSVersion = manners.highestTLS
    tls.applicationProtocols = manners.protocols
    if let identity = manners.identity {
      tls.certificateChain = [
        .certificate(try NIOSSLCertificate(bytes: identity.certificate.derEncoded, format: .der))
      ]
      tls.privateKey = .privateKey(
        try NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.utf8), format: .pem))
    }
    return tls
  }

  /// The first bytes from the server; empty if it closes the connection instead.
  func firstBytes() async throws -> [UInt8] { try await first.get() }

  func send(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// Waits until the server has closed the connection.
  func closed() async throws { try await channel.closeFuture.get() }

  func close() async throws { try await channel.close() }
}

/// Records the first bytes received.
private final class FirstBytes: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let promise: EventLoopPromise<[UInt8]>

  init(_ promise: EventLoopPromise<[UInt8]>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    promise.succeed(Array(unwrapInboundIn(data).readableBytesView))
  }

  func channelInactive(context: ChannelHandlerContext) { promise.succeed([]) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
