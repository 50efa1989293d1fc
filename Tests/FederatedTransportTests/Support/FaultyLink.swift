import NIOCore
import NIOPosix
import Synchronization

/// A TCP link between a client and a server that can be cut or fall silent, and that counts bytes.
final class FaultyLink: Sendable {
  enum Direction: Sendable { case up, down }

  private struct State {
    var crossed: [Direction: Int] = [:]
    /// The direction in which the link falls silent once, and the number of bytes after which it does.
    var plan: (direction: Direction, bytes: Int)?
    var open: [any Channel] = []
    /// Connections before this one no longer carry data.
    var silentBelow = 0
    var connections = 0
    var target: Int
  }

  enum Fault: Sendable {
    /// Closes the connections once the receiver has read the bytes that crossed.
    case cut
    /// Nothing crosses any more, and neither side is notified.
    case silence
  }

  private let state: Mutex<State>
  private let listener = Mutex<(any Channel)?>(nil)

  private init(target: Int) { state = Mutex(State(target: target)) }

  /// Runs `body` with a link to `target` and the link's port.
  static func with<R: Sendable>(
    target: Int, _ body: (FaultyLink, Int) async throws -> R
  ) async throws -> R {
    let link = FaultyLink(target: target)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { link.accept($0) }
      .bind(host: "127.0.0.1", port: 0).get()
    let result: R
    do {
      result = try await body(link, channel.localAddress?.port ?? 0)
    } catch {
      await link.end(channel)
      throw error
    }
    await link.end(channel)
    return result
  }

  private func end(_ listener: any Channel) async {
    try? await listener.close()
    cut()
  }

  /// Runs `body` over a link that fails once, after `bytes` more bytes have crossed.
  ///
  /// - Parameter taken: Whether the receiver has read the bytes that crossed. A cut waits for that; otherwise
  ///   bytes that have arrived but were not yet read would be lost on a slow machine.
  func misbehaving(
    _ fault: Fault, after bytes: Int, _ direction: Direction, taken: @escaping @Sendable () throws -> Bool,
    _ body: () async throws -> Void
  ) async throws {
    state.withLock { $0.plan = (direction, $0.crossed[direction, default: 0] + bytes) }
    async let misbehaviour: Void = {
      while try state.withLock({ $0.silentBelow == 0 }) || !taken() {
        try await Task.sleep(for: .milliseconds(5))
      }
      if fault == .cut { cut() }
    }()
    try await body()
    try await misbehaviour
  }

  /// Silences the connection that carries the next bytes. Later connections work.
  func silenceNext() { state.withLock { $0.plan = (.up, $0.crossed[.up, default: 0]) } }

  func crossed(_ direction: Direction) -> Int { state.withLock { $0.crossed[direction, default: 0] } }

  var connectionCount: Int { state.withLock { $0.connections } }

  func cut() {
    let open = state.withLock { state in
      defer { state.open = [] }
      return state.open
    }
    for channel in open { channel.close(promise: nil) }
  }

  private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
    let (number, target) = state.withLock { state in
      state.connections += 1
      return (state.connections, state.target)
    }
    return ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: target).flatMap {
      server in
      self.state.withLock { $0.open += [client, server] }
      return client.eventLoop.makeCompletedFuture {
        try client.pipeline.syncOperations.addHandler(Half(self, server, .up, number))
        try server.pipeline.syncOperations.addHandler(Half(self, client, .down, number))
      }
    }
  }

  /// Whether bytes may cross.
  fileprivate func cross(_ bytes: Int, _ direction: Direction, connection: Int) -> Bool {
    state.withLock { state in
      guard connection > state.silentBelow else { return false }
      state.crossed[direction, default: 0] += bytes
      if let plan = state.plan, plan.direction == direction,
        state.crossed[direction, default: 0] >= plan.bytes
      {
        (state.plan, state.silentBelow) = (nil, state.connections)
      }
      return true
    }
  }
}

/// One direction of one connection.
private final class Half: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let link: FaultyLink
  private let other: any Channel
  private let direction: FaultyLink.Direction
  private let connection: Int

  init(_ link: FaultyLink, _ other: any Channel, _ direction: FaultyLink.Direction, _ connection: Int) {
    self.link = link
    self.other = other
    self.direction = direction
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if link.cross(bytes.readableBytes, direction, connection: connection) {
      other.writeAndFlush(bytes, promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    other.close(promise: nil)
    context.fireChannelInactive()
  }
}
