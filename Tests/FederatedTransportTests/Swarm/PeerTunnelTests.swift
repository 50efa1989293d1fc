import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import FederatedTransport

struct PeerTunnelTests {
  /// Runs a server on a Unix socket that sends back everything it receives.
  private func withEcho<R: Sendable>(at path: String, _ body: @Sendable () async throws -> R) async throws
    -> R
  {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
      }
      .bind(unixDomainSocketPath: path).get()
    defer { server.close(promise: nil) }
    return try await body()
  }

  /// Sends back everything it receives, and then closes.
  private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(data, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case ChannelEvent.inputClosed? = event as? ChannelEvent {
        // Closes once everything is written.
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
      }
    }
  }

  /// Sends bytes to a socket and returns what comes back until the other end closes.
  private func exchange(_ bytes: [UInt8], at path: String) async throws -> [UInt8] {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.autoRead, value: false).connect(unixDomainSocketPath: path).get()
    return try await PeerBytes.wrap(channel).executeThenClose { inbound, outbound in
      try await channel.setOption(.autoRead, value: true).get()
      async let sent: Void = {
        try await outbound.write(ByteBuffer(bytes: bytes))
        outbound.finish()
      }()
      var reply: [UInt8] = []
      for try await piece in inbound { reply += Array(piece.readableBytesView) }
      try await sent
      return reply
    }
  }

  private func run(caller: Identity, in swarm: TestSwarm, known: Set<String>) async throws -> Bool {
    // Socket paths must be short.
    let place = URL(fileURLWithPath: "/tmp/peer-\(UInt32.random(in: 0...UInt32.max))")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let (etcd, entrance) = (place.appending(path: "etcd").path, place.appending(path: "tunnel").path)
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    return try await withEcho(at: etcd) {
      try await swarm.withAnchor(door: PeerDoor(socket: etcd, anchors: known)) { _, address in
        let tunnel = try PeerTunnel(to: address, keeper: IdentityKeeper(caller), socket: entrance)
        return try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try? await tunnel.run() }
          defer { group.cancelAll() }
          while !FileManager.default.fileExists(atPath: entrance) {
            try await Task.sleep(for: .milliseconds(5))
          }
          let reply = try await exchange(bytes, at: entrance)
          return reply == bytes
        }
      }
    }
  }

  @Test func bytesPassInBothDirections() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let reply = try await run(caller: swarm.authority.identity(.anchor, "b"), in: swarm, known: ["b", "c"])
      #expect(reply)
    }
  }

  @Test(arguments: [(Role.anchor, "d"), (.site, "b"), (.coordinator, "b"), (.lead, "b")])
  func onlyTheNamedAnchorsGetThrough(role: Role, name: String) async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let reply = try? await run(caller: swarm.authority.identity(role, name), in: swarm, known: ["b", "c"])
      #expect(reply != true)
    }
  }
}
