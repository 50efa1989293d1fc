/// What one site lets out; owned by the site, and the only maker of a ``ReleasedUpdate``.
///
/// Filters come from the site's own settings and see every update before it leaves. An update that is not finite never leaves.
public struct ReleasePolicy: Sendable {
  public var filters: [any UpdateFilter]

  public init(filters: [any UpdateFilter] = []) { self.filters = filters }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` where the update is not finite, or what a filter throws.
  public func release<Payload: ParameterGroup>(
    _ update: consuming ModelUpdate<Payload>, in context: SiteContext
  )
    async throws -> ReleasedUpdate<Payload>
  {
    var update = update
    for filter in filters { try await filter.prepare(&update, in: context) }
    guard update.payload.isFinite else {
      throw ConsiliumError(
        .invalidUpdate,
        "site '\(update.site)' made an update with values that are infinite or not a number in round \(update.round); "
          + "it was not sent. Lower the learning rate or set training.gradient-clip")
    }
    try update.checkWeight()
    return ReleasedUpdate(update)
  }
}

/// An update that the site's own policy has released; a transport accepts nothing else.
public struct ReleasedUpdate<Payload: ParameterGroup>: Sendable {
  public let update: ModelUpdate<Payload>
  fileprivate init(_ update: ModelUpdate<Payload>) { self.update = update }

  /// An update that was released before: one that has come over a network, or that the site kept on its disk.
  ///
  /// Only a transport's receiving end and a site's journal have any use for this.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` where the update is not finite or its weight is not positive.
  public init(releasedBefore update: ModelUpdate<Payload>) throws(ConsiliumError) {
    guard update.payload.isFinite else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(update.site)' in round \(update.round) has values that are infinite or not a number"
      )
    }
    try update.checkWeight()
    self.update = update
  }
}

/// A step that every update passes before it leaves the site.
public protocol UpdateFilter: Sendable {
  func prepare<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    async throws
}

/// Where and when a filter runs.
public struct SiteContext: Sendable {
  public var site: SiteID
  public var round: Int
  public var seed: UInt64

  public init(site: SiteID, round: Int, seed: UInt64) {
    (self.site, self.round, self.seed) = (site, round, seed)
  }
}
