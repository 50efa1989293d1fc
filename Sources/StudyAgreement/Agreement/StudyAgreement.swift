import Credentials
import FederatedCore
import Foundation
import StudyProtocol

/// A proposal with the sites' answers: everything that must be signed before training starts.
public struct StudyAgreement: Codable, Sendable, Equatable {
  public var proposal: StudyProposal
  /// The decisions in order of arrival.
  public private(set) var decisions: [SiteDecision]

  public init(_ proposal: StudyProposal, decisions: [SiteDecision] = []) {
    self.proposal = proposal
    self.decisions = []
    for decision in decisions { add(decision) }
  }

  /// Adds a decision, unless it is already there. ``review(by:at:)`` decides whether it is valid.
  public mutating func add(_ decision: SiteDecision) {
    if !decisions.contains(decision) { decisions.append(decision) }
  }

  /// The sites whose last decision was to take part, whether or not it is still valid; sorted.
  public var signers: [SiteID] {
    let last = decisions.reduce(into: [:]) { $0[$1.statement.site] = $1.statement.verdict }
    return last.filter { $0.value == .signed }.keys.sorted()
  }

  /// Verifies the proposal and all decisions. Accepts a study even if this version would refuse to train it.
  ///
  /// - Parameter date: The current date, for signatures that state no time.
  /// - Throws: The errors of ``StudyProposal/verifySignature(by:at:)``. Invalid decisions do not throw; they
  ///   are faults of the review.
  public func review(by authority: Authority, at date: Date) throws -> AgreementReview {
    try proposal.verifySignature(by: authority, at: date)
    let digest = try proposal.statement.digest()
    var review = AgreementReview(proposal: proposal.statement)
    var counted: [SiteID: [SiteDecision]] = [:]
    for decision in decisions {
      if let fault = fault(of: decision, proposal: digest, authority, at: date) {
        review.faults.append(.init(site: decision.statement.site, message: fault))
      } else {
        counted[decision.statement.site, default: []].append(decision)
      }
    }
    for (site, decisions) in counted.sorted(by: { $0.key < $1.key }) { review.settle(site, decisions) }
    return review
  }

  /// The required sites that have not signed a study. All required sites if the study differs from the
  /// proposed study: an amended study needs new signatures.
  public func missing(for study: Study, by authority: Authority, at date: Date) throws -> [SiteID] {
    guard try study.digest() == proposal.digest else { return proposal.statement.required }
    return try review(by: authority, at: date).missing
  }

  /// The allowed numbers of decisions. A site could sign any number; this limit keeps arithmetic from
  /// overflowing.
  private static let revisions = 1...1_000_000

  /// The reason why a decision is invalid; `nil` if it is valid.
  private func fault(
    of decision: SiteDecision, proposal digest: String, _ authority: Authority, at date: Date
  ) -> String? {
    let statement = decision.statement
    guard statement.study == proposal.digest, statement.proposal == digest else {
      return statement.study == proposal.digest
        ? "the decision is about another proposal of this study, for other sites"
        : "the decision is about another version of the study; an amended study needs new signatures"
    }
    guard proposal.statement.invited.contains(statement.site) else { return "the site was not invited" }
    guard Self.revisions.contains(statement.revision) else {
      return "the decision has the number \(statement.revision); expected \(Self.revisions.lowerBound) to "
        + "\(Self.revisions.upperBound)"
    }
    guard (statement.verdict == .declined) == (statement.reason != nil) else {
      return "the decision is malformed; a refusal needs a reason, and a signature must have none"
    }
    do throws(ConsiliumError) {
      try decision.verify(by: authority, from: Party(role: .site, name: statement.site.rawValue), at: date)
      return nil
    } catch {
      return error.message
    }
  }
}
