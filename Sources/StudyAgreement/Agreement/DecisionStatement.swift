import FederatedCore
import Foundation

/// A site's answer to a proposal.
public struct DecisionStatement: Statement {
  public static let kind = "consilium-site-decision-1"

  public enum Verdict: String, Codable, Sendable {
    case signed, declined
  }

  /// The study's digest.
  public var study: String
  /// The digest of the proposal, which lists the invited sites.
  public var proposal: String
  public var site: SiteID
  /// The decision's number, counted from 1. To change its mind, a site signs a new decision with the next
  /// number.
  public var revision: Int
  public var verdict: Verdict
  /// The reason for declining; `nil` if the site signs.
  public var reason: String?
  /// The SHA-256 of the site's policy at the time of the decision, in hexadecimal.
  public var policy: String
  /// The SHA-256, in hexadecimal, of a site's secret together with the summary of its data at the time of the
  /// decision. Secret and summary stay at the site.
  public var data: String

  private init(
    of proposal: StudyProposal, site: SiteID, revision: Int, verdict: Verdict, reason: String?,
    policy: String,
    data: String
  ) throws(ConsiliumError) {
    study = proposal.digest
    self.proposal = try proposal.statement.digest()
    self.site = site
    self.revision = revision
    self.verdict = verdict
    self.reason = reason
    self.policy = policy
    self.data = data
  }

  /// Creates a decision to take part.
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

  /// Creates a decision not to take part, or to withdraw.
  public static func declined(
    _ proposal: StudyProposal, site: SiteID, revision: Int = 1, reason: String, policy: String, data: String
  ) throws(ConsiliumError) -> Self {
    try Self(
      of: proposal, site: site, revision: revision, verdict: .declined, reason: reason, policy: policy,
      data: data)
  }
}

/// A site's signed answer.
public typealias SiteDecision = Signed<DecisionStatement>
