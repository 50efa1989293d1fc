import FederatedCore

/// The transport between a coordinator and its sites in one process: the coordinator's mailbox itself.
public struct InProcessTransport: SiteTransport {
  let mailbox: CoordinatorMailbox

  public init(_ mailbox: CoordinatorMailbox) { self.mailbox = mailbox }

  public func nextAssignment(for site: SiteID) async throws -> Assignment? {
    await mailbox.nextAssignment(for: site)
  }

  public func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
    try await mailbox.submit(ReceivedAnswer(answer), to: assignment.id, from: site)
  }

  public func converse<Result: Sendable>(
    about assignment: Assignment, from site: SiteID,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result {
    var attempt = 1
    while true {
      do {
        let conversation = try await mailbox.openConversation(about: assignment.id, with: site)
        return try await body { frame, number in
          try await mailbox.reply(to: frame.content, number: number, in: conversation)
        }
      } catch let broken as BrokenConversation {
        guard attempt < BrokenConversation.mostAttempts, !Task.isCancelled else { throw broken.cause }
        attempt += 1
      }
    }
  }
}
