import FederatedCore
import Foundation

/// What a site answers to a proposal.
public struct DecisionStatement: Statement {
  public static let kind = "consilium-site-decision-1"

  public enum Verdict: String, Codable, Sendable {
    case signed, declined
  }

  /// The study's digest.
  public var study: String
  /// The digest of the proposal, which names the sites that are asked.
  public var proposal: String
  public var site: SiteID
  /// Counted from 1; a site that changes its mind answers again with the next number.
  public var revision: Int
  public var verdict: Verdict
  /// Why the site declines; nil where it signs.
  public var reason: String?
  /// The SHA-256 of the site's policy then, in hexadecimal.
  public var policy: String
  /// The SHA-256 of a secret of the site and the summary of its data then, in hexadecimal; both stay at the
  /// site.
  public var data: String

  private init(
    of proposal: StudyProposal, site: SiteID, revision: Int, verdict: Verdict, reason: String?,
    policy: String,
    data: String
  ) throws(ConsiliumError) {
    (study, self.proposal) = (proposal.digest, try proposal.statement.digest())
    (self.site, self.revision, self.verdict, self.reason) = (site, revision, verdict, reason)
    (self.policy, self.data) = (policy, data)
  }

  /// The site takes part.
  ///
  /// - Parameters:
  ///   - policy: the SHA-256 of the site's policy, in hexadecimal.
  ///   - data: the SHA-256 of the summary of its data, in hexadecimal.
  public static func signed(
    _ proposal: StudyProposal, site: SiteID, revision: Int = 1, policy: String, data: String
  ) throws(ConsiliumError) -> Self {
    try Self(
      of: proposal, site: site, revision: revision, verdict: .signed, reason: nil, policy: policy, data: data)
  }

  /// The site does not take part, or no longer.
  public static func declined(
    _ proposal: StudyProposal, site: SiteID, revision: Int = 1, reason: String, policy: String, data: String
  ) throws(ConsiliumError) -> Self {
    try Self(
      of: proposal, site: site, revision: revision, verdict: .declined, reason: reason, policy: policy,
      data: data)
  }
}

/// A site's answer with its signature.
public typealias SiteDecision = Signed<DecisionStatement>
