import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// The check that the model of a question in a ring is the one that the round's signed contributions make of the
/// last model of the chain. The rules of the contributions are those of the offline verifier.
struct RingCheck: Sendable {
  let site: SiteID
  /// The sites of the arm, in the order in which a round visits them.
  let members: [SiteID]
  let terms: ModelChain.Terms
  let weighting: WeightRule

  /// - Parameters:
  ///   - contributions: the contributions that came with the question.
  ///   - file: the digest of the file of the question's model.
  ///   - link: the model with which the round begins.
  /// - Returns: the fault; `nil` if there is none.
  func fault(
    in contributions: [Signed<ContributionStatement>], to file: String, _ id: Assignment.ID,
    after link: ChainLink
  ) -> String? {
    let rules = ContributionRules(
      study: terms.study, arm: terms.arm, round: id.round, bases: [0: link.file],
      message: link.message, weighting: weighting, statesResults: true)
    if let fault = rules.faults(ofAll: contributions, by: terms.authority(), at: terms.now()).first {
      return fault.message
    }
    let statements = contributions.map(\.statement)
    if let fault = fault(inOrderOf: statements, id) { return fault }
    let (result, origin) =
      statements.last.map { ($0.result ?? "", "the contribution of site '\($0.site)' makes") }
      ?? (link.file, link.round == 0 ? "the round begins with" : "its manifest of round \(link.round) names")
    return result == file ? nil : "\(origin) the model \(result.prefix(12))"
  }

  /// The round visits the sites in the order of the study, and omits no required site.
  private func fault(inOrderOf statements: [ContributionStatement], _ id: Assignment.ID) -> String? {
    guard let place = members.firstIndex(of: site) else { return "this site is not in the ring" }
    let (before, seen) = (members[..<place], statements.map(\.site))
    if let stranger = seen.first(where: { !before.contains($0) }) {
      return "site '\(stranger)' does not come before this site in the ring"
    }
    if let missing = before.first(where: { terms.required.contains($0) && !seen.contains($0) }) {
      return
        "the contribution of the required site '\(missing)', which comes before this site in the ring, is missing"
    }
    guard let stage = id.stage, stage <= place, stage > statements.last?.stage ?? -1 else {
      return "stage \((id.stage ?? 0) + 1) does not follow these contributions"
    }
    return nil
  }
}
