import NIOCore

/// Registers one connection with a ``ConnectionPool``, and closes it if it exceeds a limit or stays silent.
final class ConnectionDoor: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let pool: ConnectionPool
  private var silence: Scheduled<Void>?

  init(_ pool: ConnectionPool) { self.pool = pool }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    guard pool.open(channel) else {
      // The pipeline is still being set up.
      context.eventLoop.execute { channel.close(promise: nil) }
      return
    }
    channel.closeFuture.whenComplete { [pool] _ in pool.close(channel) }
    silence = context.eventLoop.scheduleTask(in: TimeAmount(pool.limits.firstRequest)) {
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    silence?.cancel()
    silence = nil
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    silence?.cancel()
    context.fireChannelInactive()
  }
}
