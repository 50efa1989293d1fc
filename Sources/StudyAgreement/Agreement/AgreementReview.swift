import FederatedCore
import Foundation

/// The result of verifying a study agreement.
public struct AgreementReview: Sendable, Equatable {
  /// An invalid decision, and why it is invalid.
  public struct Fault: Sendable, Equatable, Codable {
    public var site: SiteID
    public var message: String
  }

  public let proposal: ProposalStatement
  /// The sites that take part, with their signed decisions.
  public private(set) var signed: [SiteID: SiteDecision] = [:]
  /// The sites that do not take part, with their reasons.
  public private(set) var declined: [SiteID: String] = [:]
  /// The sites that signed and withdrew later. What they contributed before counts.
  public private(set) var withdrawn: Set<SiteID> = []
  public internal(set) var faults: [Fault] = []

  init(proposal: ProposalStatement) { self.proposal = proposal }

  /// The required sites that have not signed.
  public var missing: [SiteID] { proposal.required.filter { signed[$0] == nil } }

  /// Whether all required sites have signed, and at least the study's minimum number of sites.
  public var isComplete: Bool { missing.isEmpty && signed.count >= proposal.minimum }

  /// Records a site's last decision. Two different last decisions contradict each other, and both are
  /// ignored.
  mutating func settle(_ site: SiteID, _ decisions: [SiteDecision]) {
    let last = decisions.map(\.statement.revision).max() ?? 0
    let candidates = decisions.filter { $0.statement.revision == last }
    guard let decision = candidates.first else { return }
    guard candidates.allSatisfy({ $0.statement == decision.statement }) else {
      faults.append(
        Fault(
          site: site,
          message:
            "the site made contradicting decisions under number \(last); it must decide again, with number \(last + 1)"
        ))
      return
    }
    switch decision.statement.verdict {
    case .signed: signed[site] = decision
    case .declined:
      declined[site] = decision.statement.reason
      if decisions.contains(where: { $0.statement.verdict == .signed }) { withdrawn.insert(site) }
    }
  }
}
