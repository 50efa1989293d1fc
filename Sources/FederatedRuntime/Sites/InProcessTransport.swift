import FederatedCore

/// The transport between a coordinator and its sites in one process: the coordinator's desk itself.
public struct InProcessTransport<Payload: ParameterGroup>: SiteTransport {
  let desk: CoordinatorDesk<Payload>

  public init(_ desk: CoordinatorDesk<Payload>) { self.desk = desk }

  public func nextAssignment(for site: SiteID) async throws -> Assignment? {
    await desk.nextAssignment(for: site)
  }

  public func submit(_ answer: SiteAnswer<Payload>, to assignment: Assignment.ID, from site: SiteID)
    async throws
  {
    await desk.submit(ReceivedAnswer(answer), to: assignment, from: site)
  }
}
