import Credentials
import FederatedCore
import Foundation

/// Everything that entitles a coordinator to ask sites for work in a study: the sites' decisions and a study
/// lead's start. The coordinator shows it to every site, which verifies it by itself.
public struct StudyMandate: Codable, Sendable, Equatable {
  public var decisions: [SiteDecision]
  /// `nil` until a study lead has started the study.
  public var start: SignedStart?

  /// The coordinator's attempts after the first, in order.
  public var attempts: [SignedAttempt]

  public init(decisions: [SiteDecision] = [], start: SignedStart? = nil, attempts: [SignedAttempt] = []) {
    self.attempts = attempts
    self.decisions = decisions
    self.start = start
  }

  /// Verifies that work may begin.
  ///
  /// - Returns: the start.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that names what is missing.
  @discardableResult
  public func verify(for proposal: StudyProposal, by authority: Authority, at date: Date) throws
    -> SignedStart
  {
    let review = try StudyAgreement(proposal, decisions: decisions).review(by: authority, at: date)
    guard review.isComplete else {
      let missing = review.missing.map { site in
        review.faults.first { $0.site == site }.map { "'\(site)' (\($0.message))" } ?? "'\(site)'"
      }
      let what =
        missing.isEmpty
        ? "\(review.signed.count) valid signatures of at least \(review.proposal.minimum)"
        : "no valid signature of the required site \(missing.joined(separator: ", "))"
      throw ConsiliumError(
        .invalidInput,
        "the coordinator shows \(what); work begins only once all required sites have signed and a study lead has started "
          + "the study")
    }
    guard let start else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator shows no start that a study lead has signed; a study lead must start the study with 'consilium "
          + "study start'")
    }
    try start.verify(for: proposal, by: authority, at: date)
    let limit = try proposal.read().study.federation.allowedAttempts
    try verifyAttempts(of: proposal.digest, limit: limit, by: authority, at: date)
    return start
  }
}
