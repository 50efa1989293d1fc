import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOPosix

/// The entrance of a tunnel to another anchor: a socket to which the etcd of this anchor connects as if the
/// other etcd were listening there.
public struct PeerTunnel: Sendable {
  private let link: NetworkLink
  private let socket: String

  /// - Parameters:
  ///   - socket: the path of the socket, which is created.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the identity cannot be used for TLS.
  public init(
    to anchor: ClientConfiguration, keeper: IdentityKeeper, socket: String,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    var anchor = anchor
    anchor.server = .anchor
    anchor.longestBackoff = .seconds(2)
    link = try NetworkLink(anchor, keeper: keeper, log: log)
    self.socket = socket
  }

  /// Serves until the task is cancelled.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the socket cannot be created.
  public func run() async throws {
    let (accepted, sink) = AsyncStream.makeStream(of: (any Channel).self)
    let server: any Channel
    do {
      server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .childChannelOption(.autoRead, value: false)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in
          sink.yield(channel)
          return channel.eventLoop.makeSucceededVoidFuture()
        }
        .bind(unixDomainSocketPath: socket, cleanupExistingSocketFile: true).get()
    } catch {
      throw ConsiliumError(.storage, "cannot create the socket of a tunnel: \(error)", cause: error)
    }
    defer {
      server.close(promise: nil)
      sink.finish()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await link.run() }
      group.addTask {
        await withDiscardingTaskGroup { group in
          for await channel in accepted { group.addTask { await pass(channel) } }
          group.cancelAll()
        }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Passes the bytes of one connection. If the other anchor is away, the connection ends, and etcd tries
  /// again.
  private func pass(_ channel: any Channel) async {
    guard let connection = try? await PeerBytes.wrap(channel) else { return channel.close(promise: nil) }
    var options = CallOptions.defaults
    options.waitForReady = false
    try? await connection.executeThenClose { [options] inbound, outbound in
      // Only now may bytes arrive.
      try await channel.setOption(.autoRead, value: true).get()
      try await Consilium_V1_Peers.Client(wrapping: link.client).connect(
        options: options,
        requestProducer: { writer in
          for try await bytes in inbound {
            for piece in PeerBytes.pieces(of: bytes) { try await writer.write(piece) }
          }
        },
        onResponse: { response in
          for try await piece in response.messages { try await PeerBytes.write(piece, to: channel) }
          outbound.finish()
        })
    }
  }
}
