import FederatedCore
import FederatedRuntime
import GRPCCore

extension NetworkTransport {
  public func converse<Result: Sendable>(
    about assignment: Assignment, from site: SiteID,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result {
    let start = Consilium_V1_ConversationStart.with {
      $0.study = study
      $0.arm = arm
      $0.id = assignment.id.message
      $0.process = client.process
    }
    return try await client.link.persistently {
      try await FrameCall(start).run(client.coordination, link: client.link, body)
    }
  }
}

/// One conversation over the network: the frames of a site and the replies of the host.
struct FrameCall: Sendable {
  private let start: Consilium_V1_ConversationStart
  private let replies = ReplyQueue()

  init(_ start: Consilium_V1_ConversationStart) { self.start = start }

  /// Runs `body` within one call.
  ///
  /// - Throws: the error of the connection, if that is why `body` failed; otherwise the error of `body`.
  func run<Result: Sendable>(
    _ coordination: Consilium_V1_Coordination.Client<some ClientTransport>, link: NetworkLink,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result {
    let (parts, outgoing) = AsyncStream<Consilium_V1_FramePart>.makeStream()
    defer { outgoing.finish() }
    outgoing.yield(.with { $0.start = start })
    return try await coordination.converse(
      requestProducer: { writer in
        for await part in parts { try await writer.write(part) }
      },
      onResponse: { response in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { await receive(response, link) }
          defer {
            outgoing.finish()
            group.cancelAll()
          }
          do {
            return try await body { frame, number in
              for part in try frame.content.frameParts(number: number) { outgoing.yield(part) }
              return try await replies.reply(to: number)
            }
          } catch {
            // The stage may have wrapped the connection's error. Only the original error is retried.
            throw await replies.failure ?? error
          }
        }
      })
  }

  private func receive(_ response: StreamingClientResponse<Consilium_V1_FramePart>, _ link: NetworkLink) async
  {
    do {
      var assembly = FrameAssembly()
      for try await part in response.messages {
        link.isReached()
        if let reply = try assembly.take(part) { await replies.add(reply.message, to: reply.number) }
      }
      await replies.end(RPCError(code: .unavailable, message: "the conversation ended"))
    } catch {
      await replies.end(error)
    }
  }
}

/// The replies of one conversation that have arrived.
private actor ReplyQueue {
  private var replies: [Int: StageMessage] = [:]
  /// The error after which no more replies arrive; `nil` while replies can arrive.
  private(set) var failure: (any Error)?
  private let changes = Signal()

  func add(_ reply: StageMessage, to number: Int) {
    replies[number] = reply
    changes.send()
  }

  func end(_ error: any Error) {
    failure = error
    changes.send()
  }

  func reply(to number: Int) async throws -> StageMessage {
    while true {
      try Task.checkCancellation()
      let seen = changes.count
      if let reply = replies.removeValue(forKey: number) { return reply }
      if let failure { throw failure }
      await changes.wait(after: seen)
    }
  }
}
