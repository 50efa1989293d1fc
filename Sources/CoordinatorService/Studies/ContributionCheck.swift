import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import StudyProtocol
import StudyRuns

/// Checks a site's statement about its contribution before the coordinator accepts the contribution, by the
/// rules of ``ContributionRules``, which everybody who verifies the model applies later.
struct ContributionCheck: Sendable {
  let study: Study
  /// The study's digest.
  let digest: String

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` that names the problem.
  func callAsFunction(
    _ data: Data, _ contribution: NetworkContribution, by authority: Authority, at date: Date
  ) throws {
    let signed: Signed<ContributionStatement> = try WireJSON.decode(data, "a site's statement")
    let statement = signed.statement
    guard statement.site == contribution.site, statement.update == contribution.updateDigest,
      statement.stage == contribution.id.stage ?? 0, statement.weight == contribution.weight,
      statement.examples == contribution.exampleCount
    else {
      throw ConsiliumError(
        .invalidUpdate,
        "the statement of site '\(contribution.site)' does not match the update that came with it")
    }
    let arm = contribution.arm
    let rules = ContributionRules(
      study: digest, arm: arm, round: contribution.id.round, bases: [statement.stage: contribution.base],
      message: contribution.strategyMessage,
      // The rehearsal's result is discarded.
      weighting: arm == NetworkPlan.rehearsal ? nil : WeightRule(study, arm: arm))
    if let fault = rules.faults(of: signed, by: authority, at: date).first {
      throw ConsiliumError(.invalidUpdate, "\(fault.message); it was not used")
    }
  }
}
