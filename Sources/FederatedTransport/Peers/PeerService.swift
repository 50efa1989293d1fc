import Credentials
import FederatedCore
import Foundation
import GRPCCore
import NIOCore
import NIOPosix

/// Passes the bytes of other anchors' etcd processes to the etcd of this anchor. etcd itself therefore needs
/// neither a port nor a certificate.
struct PeerService: Consilium_V1_Peers.SimpleServiceProtocol {
  let gate: PeerAuthenticator
  let door: PeerDoor

  func connect(
    request: RPCAsyncSequence<Consilium_V1_PeerBytes, any Error>,
    response: RPCWriter<Consilium_V1_PeerBytes>, context: ServerContext
  ) async throws {
    let peer = try gate.admit(context, as: [.anchor])
    guard door.anchors.contains(peer.party.name) else {
      throw RPCError(
        code: .permissionDenied, message: "\(peer.party) is not one of the anchors that this one was told of")
    }
    let channel: any Channel
    let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    do {
      channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .channelOption(.autoRead, value: false)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(unixDomainSocketPath: door.socket).get()
      connection = try await PeerBytes.wrap(channel)
    } catch {
      throw RPCError(code: .unavailable, message: "the etcd of this anchor does not answer yet")
    }
    try await connection.executeThenClose { inbound, outbound in
      // Only now may bytes arrive.
      try await channel.setOption(.autoRead, value: true).get()
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          for try await bytes in inbound {
            for piece in PeerBytes.pieces(of: bytes) { try await response.write(piece) }
          }
          return true
        }
        group.addTask {
          for try await piece in request { try await PeerBytes.write(piece, to: channel) }
          outbound.finish()
          return false
        }
        defer { group.cancelAll() }
        // Once the other end has sent everything, etcd may still reply.
        while let isEtcdsEnd = try await group.next(), !isEtcdsEnd {}
      }
    }
  }
}

/// How the bytes of a connection between two etcd processes cross between anchors.
enum PeerBytes {
  /// The maximum number of bytes in one message.
  static let most = 256 << 10

  /// The messages for the bytes that have arrived.
  static func pieces(of bytes: ByteBuffer) -> [Consilium_V1_PeerBytes] {
    var (bytes, pieces) = (bytes, [Consilium_V1_PeerBytes]())
    while let piece = bytes.readBytes(length: min(most, bytes.readableBytes)), !piece.isEmpty {
      pieces.append(.with { $0.data = Data(piece) })
    }
    return pieces
  }

  /// Waits until the bytes are written: closing the channel drops what still waits.
  static func write(_ piece: Consilium_V1_PeerBytes, to channel: any Channel) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: piece.data)).get()
  }

  /// Wraps a connection, whose bytes must not arrive yet. A wrapped connection must be used, or it traps; so it
  /// is wrapped once it is there.
  static func wrap(_ channel: any Channel) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    try await channel.eventLoop.submit {
      try NIOAsyncChannel(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }.get()
  }
}
