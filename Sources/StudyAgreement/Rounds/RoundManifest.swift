import Credentials
import FederatedCore
import Foundation

/// The coordinator's statement about a round: the models before and after it, the updates in it, and the
/// sites that were dropped, with reasons.
public struct RoundManifest: Statement {
  public static let kind = "consilium-round-manifest-2"
  /// The rules of this version: each contribution names an entry of its site's audit log, and the end of the
  /// arm is signed too (``ArmConclusion``).
  public static let currentRules = 2
  /// As ``currentRules``, and everything that a site receives in the round is signed: in a ring, each contribution
  /// states the model that it makes; a strategy's message is named before and after the round. Only for rounds
  /// that have either, so that earlier versions can verify all others.
  public static let completeRules = 3

  /// A site whose update is not in the round's model.
  public struct Dropped: Codable, Sendable, Equatable {
    public var site: SiteID
    public var reason: String

    public init(site: SiteID, reason: String) {
      self.site = site
      self.reason = reason
    }
  }

  /// The study's digest.
  public var study: String
  public var arm: String
  /// The round's number, counted from 1.
  public var round: Int
  public var time: Date
  /// The SHA-256 of the global model before the round, in hexadecimal.
  public var modelBefore: String
  /// The SHA-256 of the global model after the round, in hexadecimal.
  public var modelAfter: String
  /// The digest of the file in which the sites received the model before the round, in hexadecimal. Sites
  /// sign this digest, since they have checked the file chunk by chunk.
  public var fileBefore: String
  /// The digest of the file of the model after the round, in hexadecimal.
  public var fileAfter: String
  /// The digest of the file of the strategy's message with which the round begins, in hexadecimal, such as the
  /// control variate of SCAFFOLD; `nil` if the strategy sends only the model.
  public var messageBefore: String?
  /// The digest of the file of the strategy's message for the next round, in hexadecimal.
  public var messageAfter: String?
  /// The sites' signed contributions, in the order in which they were aggregated.
  public var contributions: [Signed<ContributionStatement>]
  public var dropped: [Dropped]
  /// The sites that the study requires.
  public var required: [SiteID]
  /// The last entry of the coordinator's audit log when this manifest was made.
  public var auditHead: AuditAnchor?
  /// The digest of the previous round's manifest; `nil` in the first.
  public var previous: String?
  /// The rules by which the round was signed, as ``currentRules``; `nil` for those of version 0.1. The
  /// coordinator signs this number, so that nobody can pass a round off as one of version 0.1.
  public var rules: Int?

  /// - Parameter previous: The previous round's manifest.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a number in `previous` is not finite.
  public init(
    study: String, arm: String, round: Int, time: Date, modelBefore: String, modelAfter: String,
    fileBefore: String, fileAfter: String, messageBefore: String? = nil, messageAfter: String? = nil,
    contributions: [Signed<ContributionStatement>],
    dropped: [Dropped] = [], required: [SiteID],
    auditHead: AuditAnchor? = nil, after previous: RoundManifest?, rules: Int? = currentRules
  ) throws(ConsiliumError) {
    self.study = study
    self.arm = arm
    self.round = round
    self.time = Moment.wholeSeconds(time)
    self.modelBefore = modelBefore
    self.modelAfter = modelAfter
    self.fileBefore = fileBefore
    self.fileAfter = fileAfter
    self.messageBefore = messageBefore
    self.messageAfter = messageAfter
    self.contributions = contributions
    self.dropped = dropped
    self.required = required
    self.auditHead = auditHead
    self.rules = rules
    self.previous = try previous.map { (manifest) throws(ConsiliumError) in try manifest.digest() }
  }

  /// Whether the round was signed by the rules of this version, not by those of version 0.1.
  public var isAnchored: Bool { (rules ?? 1) >= Self.currentRules }

  /// Whether the round was signed by ``completeRules``.
  public var isCompleteRecord: Bool { (rules ?? 1) >= Self.completeRules }

  /// The required sites without a contribution.
  public var missingSites: [SiteID] {
    let present = Set(contributions.map(\.statement.site))
    return required.filter { !present.contains($0) }.sorted()
  }
}
