import FederatedCore

/// The course of one round of one arm: the sites' contributions, the dropped sites with reasons, and the
/// performance of the model after the round.
///
/// This is the round's manifest, stored next to the model. The same study, data and seed yield the same
/// record, except for the durations.
public struct RoundRecord: Sendable, Codable, Equatable {
  public var arm: String
  /// The round's number, counted from 1.
  public var round: Int
  public var learningRate: Double
  /// The contributions in the order in which they were added to the aggregate: stage by stage, and by site
  /// within a stage.
  public var contributions: [Contribution]
  public var dropped: [DroppedSite]
  /// The SHA-256 of the global model after the round, in hexadecimal.
  public var modelDigest: String
  /// The digest of the file of the strategy's message for the next round, in hexadecimal; `nil` if the strategy
  /// sends only the model, and in a simulation.
  public var messageDigest: String?
  /// The performance of the global model on each site's validation set; empty in rounds without validation.
  public var validation: [SiteValidation]
  public var selection: SelectionState
  /// The wall time of the round, in seconds.
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

/// One site's contribution to a round.
public struct Contribution: Sendable, Codable, Equatable {
  public var site: SiteID
  /// The weight of the update in the mean.
  public var weight: Double
  /// The SHA-256 of the released update, in hexadecimal; `nil` if it never left the process.
  public var updateDigest: String?
  public var summary: TrainingSummary

  public init(site: SiteID, weight: Double, updateDigest: String? = nil, summary: TrainingSummary) {
    self.site = site
    self.weight = weight
    self.updateDigest = updateDigest
    self.summary = summary
  }
}

/// A site whose update is not in the model of a round, with the reason.
public struct DroppedSite: Sendable, Codable, Equatable {
  public var site: SiteID
  public var reason: String

  public init(site: SiteID, reason: String) { (self.site, self.reason) = (site, reason) }
}

/// The performance of the global model on one site's validation set.
public struct SiteValidation: Sendable, Codable, Equatable {
  public var site: SiteID
  public var evaluation: SiteEvaluation

  public init(site: SiteID, evaluation: SiteEvaluation) { (self.site, self.evaluation) = (site, evaluation) }
}
