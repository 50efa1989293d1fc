/// Decides what leaves one site; owned by the site, and the only maker of a ``Released`` value.
///
/// The site's filters see every update before it leaves. An update that is not finite never leaves. The journal stands behind the
/// gate: an answer that was kept is released again by the gate itself, so nothing else needs to make a released value.
public struct ReleaseGate: Sendable {
  public var filters: [any UpdateFilter]
  /// What may leave beside updates; `nil` if there is no policy, so that everything may.
  public let rules: ReleaseRules?
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - rules: `nil` only in a simulation, whose sites and report are in the same hands.
  ///   - log: takes the words of failures that stay at the site.
  public init(
    filters: [any UpdateFilter] = [], rules: ReleaseRules? = nil,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.filters = filters
    self.rules = rules
    self.log = log
  }

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
    update.summary = released(update.summary)
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

  /// Releases what the rules let out of a value.
  public func release<Content: Releasable>(_ content: Content) -> Released<Content> {
    Released(released(content))
  }

  /// Releases the news that the site cannot do its work; under a policy only the kind of the failure leaves, and its words are logged.
  public func release(_ failure: ConsiliumError) -> Released<ConsiliumError> {
    if rules != nil, failure.code != .cancelled { log(failure.message) }
    return Released(released(failure))
  }

  /// Releases a refusal in its own words, which are the gate's or the lead's and tell nothing of the site's files.
  public func release(refusal: ConsiliumError) -> Released<ConsiliumError> { Released(refusal) }

  private func released<Content: Releasable>(_ content: Content) -> Content {
    rules.map(content.released) ?? content
  }
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
