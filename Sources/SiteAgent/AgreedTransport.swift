import FederatedCore
import StudyRuns

/// A site's way to the coordinator that lets through only what the site has signed, for as long as it agrees.
struct AgreedTransport<Base: SiteTransport>: SiteTransport {
  let base: Base
  let plan: NetworkPlan
  let arm: String
  /// Throws once the site's people have withdrawn their agreement, or signed another one.
  let stillAgrees: @Sendable () throws -> Void

  func nextAssignment(for site: SiteID) async throws -> Assignment? {
    guard let assignment = try await base.nextAssignment(for: site) else { return nil }
    try stillAgrees()
    try plan.admit(assignment, in: arm, at: site)
    return assignment
  }

  func submit(_ answer: SiteAnswer<Base.Payload>, to id: Assignment.ID, from site: SiteID) async throws {
    try stillAgrees()
    try await base.submit(answer, to: id, from: site)
  }
}
