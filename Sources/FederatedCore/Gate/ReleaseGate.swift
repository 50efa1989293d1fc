/// Decides what leaves one site; owned by the site, and the only maker of a ``Released`` value.
///
/// The study's mechanisms see every update before it leaves. An update that is not finite never leaves. The
/// journal stands behind the gate: an answer that was kept is released again by the gate itself, so nothing
/// else needs to make a released value.
public struct ReleaseGate: Sendable {
  /// The study's, in order.
  public let mechanisms: [any UpdateMechanism]
  /// What may leave beside updates; `nil` if there is no policy, so that everything may.
  public let rules: ReleaseRules?
  /// Where the mechanisms' noise comes from.
  public let noise: NoiseSource
  private let log: @Sendable (String) -> Void
  private var isRehearsing = false

  /// - Parameters:
  ///   - rules: `nil` only in a simulation, whose sites and report are in the same hands.
  ///   - log: takes the words of failures that stay at the site.
  public init(
    mechanisms: [any UpdateMechanism] = [], rules: ReleaseRules? = nil, noise: NoiseSource = .system,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.mechanisms = mechanisms
    self.rules = rules
    self.noise = noise
    self.log = log
  }

  /// The gate in a rehearsal, in which a site takes a step on a few patients: its updates hold zeros.
  public var rehearsing: ReleaseGate {
    var gate = ReleaseGate(mechanisms: [Blank()], rules: rules, noise: noise, log: log)
    gate.isRehearsing = true
    return gate
  }

  /// Releases an update, after it and the site's state after it were kept.
  ///
  /// - Parameters:
  ///   - state: what the strategy keeps at the site after this update.
  ///   - journal: where the answer is kept first; `nil` if the lead's checkpoint holds the site's state.
  /// - Throws: ``ConsiliumError`` with code `.diverged` if the update is not finite, `.storage` if it cannot
  ///   be kept, or what a mechanism throws.
  public func release<Payload: ParameterGroup>(
    _ update: consuming SiteUpdate<Payload>, of assignment: Assignment,
    state: NamedParts = NamedParts(names: [], parts: []), keepingIn journal: (any SiteJournal<Payload>)? = nil
  ) async throws -> Released<SiteUpdate<Payload>> {
    var update = update
    let (site, round) = (update.update.site, update.update.round)
    let context = SiteContext(site: site, round: round, noise: noise)
    if !isRehearsing { try rules?.check(update) }
    var cost = PrivacyCost.unbounded
    for mechanism in mechanisms { cost = min(cost, try await mechanism.atSite(&update.update, in: context)) }
    guard update.update.payload.isFinite else {
      throw ConsiliumError(Divergence(.update, round: round))
    }
    try update.update.checkWeight()
    update.summary = released(update.summary)
    try await journal?.keep(update, to: assignment, state: state)
    return Released(update, cost: cost)
  }

  /// Releases again the answer that was kept for this very assignment, bit for bit.
  ///
  /// - Returns: `nil` if none was kept.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if what was kept is not finite or its weight is
  ///   not positive.
  public func releaseKept<Payload: ParameterGroup>(
    to assignment: Assignment, from journal: some SiteJournal<Payload>
  ) async throws -> Released<SiteUpdate<Payload>>? {
    guard let kept = try await journal.update(for: assignment) else { return nil }
    try kept.update.check()
    return Released(kept, cost: .zero)
  }

  /// Releases what the rules let out of a value.
  public func release<Content: Releasable>(_ content: Content) -> Released<Content> {
    Released(released(content), cost: .unbounded)
  }

  /// Releases the news that the site cannot do its work; under a policy only the kind of the failure leaves,
  /// and its words are logged.
  public func release(_ failure: ConsiliumError) -> Released<ConsiliumError> {
    if rules != nil, failure.code != .cancelled { log(failure.message) }
    return Released(released(failure), cost: .zero)
  }

  /// Releases a refusal in its own words, which are the gate's or the lead's and tell nothing of the site's
  /// files.
  public func release(refusal: ConsiliumError) -> Released<ConsiliumError> {
    Released(refusal, cost: .zero)
  }

  private func released<Content: Releasable>(_ content: Content) -> Content {
    (rules.map(content.released) ?? content).withoutPatients()
  }
}

/// A value that the site's own gate has released; a transport accepts nothing else.
public struct Released<Content: Sendable>: Sendable {
  public let content: Content
  /// The most that the release tells about any one patient.
  public let cost: PrivacyCost

  fileprivate init(_ content: Content, cost: PrivacyCost) {
    self.content = content
    self.cost = cost
  }
}
