/// The contribution of one site to one round.
public struct ModelUpdate<Payload: ParameterGroup>: Sendable {
  public let site: SiteID
  public let round: Int
  public var payload: Payload
  /// The weight in the mean, such as the number of training examples, or 1.
  public var weight: Double

  public init(site: SiteID, round: Int, payload: Payload, weight: Double) {
    self.site = site
    self.round = round
    self.payload = payload
    self.weight = weight
  }
}

/// The updates of one round, combined by an aggregator.
public struct Aggregate<Payload: ParameterGroup>: Sendable {
  public var payload: Payload
  public var totalWeight: Double
  public var contributors: Int

  public init(payload: Payload, totalWeight: Double, contributors: Int) {
    self.payload = payload
    self.totalWeight = totalWeight
    self.contributors = contributors
  }
}
