import FederatedCore
import StudyRuns

/// A site's connection to the coordinator. It carries only what the site has signed, and only as long as the
/// site agrees.
struct AgreedTransport<Base: SiteTransport>: SiteTransport {
  let base: Base
  let plan: NetworkPlan
  let arm: String
  /// The check that questions are about models of the signed chain; `nil` for questions without a model.
  let models: ModelCheck?
  /// Throws once the site has withdrawn its agreement or signed a different one.
  let stillAgrees: @Sendable () throws -> Void

  func nextAssignment(for site: SiteID) async throws -> Assignment? {
    guard let assignment = try await base.nextAssignment(for: site) else { return nil }
    try stillAgrees()
    try admit(assignment, at: site)
    try await models?.admit(assignment, in: arm)
    return assignment
  }

  private func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError) {
    do {
      try plan.admit(assignment, in: arm, at: site)
    } catch {
      throw ConsiliumError(refusing: assignment, error.message)
    }
  }

  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
    try stillAgrees()
    try await base.submit(answer, to: assignment, from: site)
  }

  func converse<Result: Sendable>(
    about assignment: Assignment, from site: SiteID,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result {
    try await base.converse(about: assignment, from: site) { send in
      try await body { frame, number in
        try stillAgrees()
        return try await send(frame, number)
      }
    }
  }
}
