import FederatedCore

extension Study {
  /// Swarm learning: rounds without a coordinator. In each round another site combines the updates.
  public struct Swarm: Codable, Sendable, Equatable {
    /// The sites that may combine updates; empty if every site may.
    public var mergers: [SiteID]
    /// The number of deputies, which repeat every merge and compare the result.
    public var witnesses: Int
    /// How long the swarm waits for a merger that has become silent, in seconds.
    public var lease: Int

    public init(mergers: [SiteID] = [], witnesses: Int = 1, lease: Int = 15) {
      self.mergers = mergers
      self.witnesses = witnesses
      self.lease = lease
    }
  }
}

extension Study.Federation {
  /// How the sites work together if the study runs as a swarm: as stated, or by default.
  public var swarmOrDefault: Study.Swarm { swarm ?? Study.Swarm() }
}
