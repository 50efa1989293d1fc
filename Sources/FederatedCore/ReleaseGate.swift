/// Decides what leaves one site; owned by the site, and the only maker of a ``Released`` value.
///
/// The site's filters see every update before it leaves. An update that is not finite never leaves. The journal stands behind the
/// gate: an answer that was kept is released again by the gate itself, so nothing else needs to make a released value.
public struct ReleaseGate: Sendable {
  public var filters: [any UpdateFilter]

  public init(filters: [any UpdateFilter] = []) { self.filters = filters }

  /// Releases an update, after it and the site's state after it were kept.
  ///
  /// - Parameters:
  ///   - state: what the strategy keeps at the site after this update.
  ///   - journal: where the answer is kept first; `nil` if the lead's checkpoint holds the site's state.
  /// - Throws: ``ConsiliumError`` with code `.diverged` if the update is not finite, `.storage` if it cannot be kept, or
  ///   what a filter throws.
  public func release<Payload: ParameterGroup>(
    _ update: consuming SiteUpdate<Payload>, of assignment: Assignment, in context: SiteContext,
    state: NamedParts = NamedParts(names: [], parts: []), keepingIn journal: (any SiteJournal<Payload>)? = nil
  ) async throws -> Released<SiteUpdate<Payload>> {
    var update = update
    for filter in filters { try await filter.prepare(&update.update, in: context) }
    guard update.update.payload.isFinite else {
      throw ConsiliumError(Divergence(.update, round: context.round))
    }
    try update.update.checkWeight()
    try await journal?.keep(update, to: assignment, state: state)
    return Released(update)
  }

  /// Releases again the answer that was kept for this very assignment, bit for bit.
  ///
  /// - Returns: `nil` if none was kept.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if what was kept is not finite or its weight is not positive.
  public func releaseKept<Payload: ParameterGroup>(
    to assignment: Assignment, from journal: some SiteJournal<Payload>
  ) async throws -> Released<SiteUpdate<Payload>>? {
    guard let kept = try await journal.update(for: assignment) else { return nil }
    try kept.update.check()
    return Released(kept)
  }

  /// Releases how a model does on the site's data.
  public func release(_ evaluation: SiteEvaluation) -> Released<SiteEvaluation> { Released(evaluation) }

  /// Releases the news that the site cannot do its work.
  public func release(_ failure: ConsiliumError) -> Released<ConsiliumError> { Released(failure) }
}

/// A value that the site's own gate has released; a transport accepts nothing else.
public struct Released<Content: Sendable>: Sendable {
  public let content: Content
  fileprivate init(_ content: Content) { self.content = content }
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
    self.site = site
    self.round = round
    self.seed = seed
  }
}
