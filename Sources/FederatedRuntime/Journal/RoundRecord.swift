import FederatedCore

/// What happened in one round of one arm: who contributed what, who was dropped and why, and how the model then did.
///
/// The manifest of the round, written beside the model. The same study, data and seed give the same record but for `seconds`.
public struct RoundRecord: Sendable, Codable, Equatable {
  public var arm: String
  /// Counted from 1.
  public var round: Int
  public var learningRate: Double
  /// In the order in which they were folded: stage by stage, and by site within a stage.
  public var contributions: [Contribution]
  public var dropped: [DroppedSite]
  /// The SHA-256 of the global model after the round, in hexadecimal.
  public var modelDigest: String
  /// How the global model does on the validation part of each site; empty in rounds without validation.
  public var validation: [SiteValidation]
  public var selection: SelectionState
  /// Wall time of the round.
  public var seconds: Double

  public init(
    arm: String, round: Int, learningRate: Double, contributions: [Contribution] = [],
    dropped: [DroppedSite] = [], modelDigest: String = "", validation: [SiteValidation] = [],
    selection: SelectionState = SelectionState(), seconds: Double = 0
  ) {
    self.arm = arm
    self.round = round
    self.learningRate = learningRate
    self.contributions = contributions
    self.dropped = dropped
    self.modelDigest = modelDigest
    self.validation = validation
    self.selection = selection
    self.seconds = seconds
  }
}

/// One site's part in a round.
public struct Contribution: Sendable, Codable, Equatable {
  public var site: SiteID
  /// The weight of the update in the mean.
  public var weight: Double
  /// The SHA-256 of the released update, in hexadecimal; nil where it never left the process.
  public var updateDigest: String?
  public var summary: TrainingSummary

  public init(site: SiteID, weight: Double, updateDigest: String? = nil, summary: TrainingSummary) {
    self.site = site
    self.weight = weight
    self.updateDigest = updateDigest
    self.summary = summary
  }
}

/// A site whose update is not in the model of a round, and why.
public struct DroppedSite: Sendable, Codable, Equatable {
  public var site: SiteID
  public var reason: String

  public init(site: SiteID, reason: String) { (self.site, self.reason) = (site, reason) }
}

/// How the global model does on one site's validation part.
public struct SiteValidation: Sendable, Codable, Equatable {
  public var site: SiteID
  public var evaluation: SiteEvaluation

  public init(site: SiteID, evaluation: SiteEvaluation) { (self.site, self.evaluation) = (site, evaluation) }
}
