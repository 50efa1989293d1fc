import Credentials
import FederatedCore
import Foundation

/// What the coordinator states of a round: from which model to which, with whose updates, and who was dropped and why.
public struct RoundManifest: Statement {
  public static let kind = "consilium-round-manifest-2"

  /// A site whose update is not in the round's model.
  public struct Dropped: Codable, Sendable, Equatable {
    public var site: SiteID
    public var reason: String

    public init(site: SiteID, reason: String) { (self.site, self.reason) = (site, reason) }
  }

  /// The study's digest.
  public var study: String
  public var arm: String
  /// Counted from 1.
  public var round: Int
  public var time: Date
  /// The SHA-256 of the global model before the round, in hexadecimal.
  public var modelBefore: String
  /// The SHA-256 of the global model after the round, in hexadecimal.
  public var modelAfter: String
  /// The digest of the file in which the sites got the model before the round, in hexadecimal; sites sign this one, since they
  /// have checked it chunk by chunk.
  public var fileBefore: String
  /// The digest of the file of the model after the round, in hexadecimal.
  public var fileAfter: String
  /// What the sites signed, in the order in which it was folded.
  public var contributions: [Signed<ContributionStatement>]
  public var dropped: [Dropped]
  /// The sites that the study requires.
  public var required: [SiteID]
  /// The end of the coordinator's audit log then.
  public var auditHead: AuditAnchor?
  /// The digest of the manifest of the round before; nil in the first.
  public var previous: String?

  /// - Parameter previous: the manifest of the round before.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where a number in it is not finite.
  public init(
    study: String, arm: String, round: Int, time: Date, modelBefore: String, modelAfter: String,
    fileBefore: String, fileAfter: String, contributions: [Signed<ContributionStatement>],
    dropped: [Dropped] = [], required: [SiteID],
    auditHead: AuditAnchor? = nil, after previous: RoundManifest?
  ) throws(ConsiliumError) {
    (self.study, self.arm, self.round, self.time) = (study, arm, round, Moment.wholeSeconds(time))
    (self.modelBefore, self.modelAfter) = (modelBefore, modelAfter)
    (self.fileBefore, self.fileAfter) = (fileBefore, fileAfter)
    (self.contributions, self.dropped, self.required) = (contributions, dropped, required)
    self.auditHead = auditHead
    self.previous = try previous.map { (manifest) throws(ConsiliumError) in try manifest.digest() }
  }

  /// The required sites without a contribution.
  public var missingSites: [SiteID] {
    let present = Set(contributions.map(\.statement.site))
    return required.filter { !present.contains($0) }.sorted()
  }
}
