import FederatedCore

/// A site's statement about an update that it sends.
public struct ContributionStatement: Statement {
  public static let kind = "consilium-contribution-2"

  /// The study's digest.
  public var study: String
  public var arm: String
  /// The round's number, counted from 1.
  public var round: Int
  /// The stage of the round's plan, counted from 0.
  public var stage: Int
  public var site: SiteID
  /// The digest of the file of the model from which the site trained, in hexadecimal.
  public var base: String
  /// The digest of the file of the strategy's message with which the site trained, in hexadecimal; `nil` if the
  /// strategy sends only the model, and in statements of earlier versions.
  public var message: String?
  /// The digest of the update's file, in hexadecimal.
  public var update: String
  /// The weight of the update in the mean.
  @ExactNumber public var weight: Double
  /// The number of training examples.
  public var examples: Int
  /// The entry of the site's own audit log that records the release of this update. The log must contain it
  /// for ever. `nil` in statements of version 0.1.
  public var auditHead: AuditAnchor?
  /// In a ring, the digest of the file of the model that the update makes of the base, in hexadecimal: the
  /// base of the next site. `nil` in other exchanges, and in statements of earlier versions.
  public var result: String?

  public init(
    study: String, arm: String, round: Int, stage: Int, site: SiteID, base: String, update: String,
    weight: Double, examples: Int, auditHead: AuditAnchor? = nil,
    message: String? = nil, result: String? = nil
  ) {
    self.study = study
    self.arm = arm
    self.round = round
    self.stage = stage
    self.site = site
    self.base = base
    self.update = update
    _weight = ExactNumber(wrappedValue: weight)
    self.examples = examples
    self.auditHead = auditHead
    self.message = message
    self.result = result
  }
}
