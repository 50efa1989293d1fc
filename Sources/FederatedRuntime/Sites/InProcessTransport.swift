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
}
