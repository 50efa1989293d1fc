import FederatedCore

/// A site's contribution to a round: where its update is and what belongs to it, or why there is none.
public struct SwarmOffer: SwarmContent {
  /// The digest of the model from which the site trained.
  public var base: String
  /// The digest of the update, under which the relay has it; `nil` if the site failed.
  public var update: String?
  /// The weight of the update in the mean; `nil` if the site failed.
  public var weight: Double?
  /// `nil` if the site failed.
  public var summary: TrainingSummary?
  /// `nil` if the site trained.
  public var failure: SwarmFailure?

  public init(base: String, update: String, weight: Double, summary: TrainingSummary) {
    self.base = base
    self.update = update
    self.weight = weight
    self.summary = summary
  }

  public init(base: String, failure: SwarmFailure) {
    self.base = base
    self.failure = failure
  }
}
