/// Decides what leaves one site. The site owns the gate, and only a gate can create a ``Released`` value.
///
/// Every update passes the study's mechanisms before it leaves. An update that is not finite never leaves.
/// The gate uses the journal itself and releases stored answers again, so that nothing else needs to create a
/// released value.
public struct ReleaseGate: Sendable {
  /// The study's mechanisms, in order.
  public let mechanisms: [any UpdateMechanism]
  /// The rules for everything that leaves. `nil` if the site has no policy: everything may then leave.
  public let rules: ReleaseRules?
  /// The source of the mechanisms' noise.
  public let noise: NoiseSource
  /// `nil` in a simulation, whose data do not change.
  private let history: (any ReleaseHistory)?
  private var norms: (any UpdateNorms)?
  private let log: @Sendable (String) -> Void
  private var isRehearsing = false

  /// - Parameters:
  ///   - rules: `nil` only in a simulation, whose user has the data of all sites.
  ///   - history: Remembers the sets of patients behind everything that leaves.
  ///   - log: Receives the messages of failures, which stay at the site.
  public init(
    mechanisms: [any UpdateMechanism] = [], rules: ReleaseRules? = nil, noise: NoiseSource = .system,
    history: (any ReleaseHistory)? = nil, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.mechanisms = mechanisms
    self.rules = rules
    self.noise = noise
    self.history = history
    self.log = log
  }

  /// The gate for one arm, which notes the lengths of the site's updates.
  public func noting(_ norms: any UpdateNorms) -> ReleaseGate {
    var gate = self
    gate.norms = norms
    return gate
  }

  /// The gate for a rehearsal, in which a site trains one step on a few patients. Releases times and sizes
  /// only, and updates that contain only zeros.
  public var rehearsing: ReleaseGate {
    var gate = ReleaseGate(mechanisms: [Blank()], rules: rules, noise: noise, log: log)
    gate.isRehearsing = true
    return gate
  }

  /// Releases a site's answer to an assignment. Before that, stores the answer together with the stage's
  /// memory, the state that the stage keeps at the site for its next question.
  ///
  /// - Parameters:
  ///   - schema: The tensors and facts that the stage has declared for its answers.
  ///   - journal: Stores the answer and the memory; `nil` if the coordinator's checkpoint contains the
  ///     memory.
  /// - Throws: ``ConsiliumError`` with code `.diverged` if an update is not finite, `.storage` if the answer
  ///   cannot be stored, a ``QuestionRefusal`` if the question was answered differently before,
  ///   `.invalidUpdate` if the policy or the schema forbids the answer, or the error of a mechanism.
  public func release(
    _ draft: StageDraft, answering assignment: Assignment, as schema: MessageSchema,
    keepingIn journal: (any SiteJournal)? = nil
  ) async throws -> Released<StageMessage> {
    if let rules, !rules.allows(kind: schema.kind) {
      throw ConsiliumError(
        .invalidUpdate,
        "the policy of the site does not release messages of the kind '\(schema.kind)' (release.kinds)")
    }
    let released = try await message(releasing: draft.content)
    try schema.check(released.content)
    guard let journal else { return released }
    let kept = try await journal.keep(released.content, to: assignment, memory: draft.memory)
    return Released(kept, cost: released.cost)
  }

  /// Releases one frame of a streamed question. Frames are not stored.
  ///
  /// A frame can be the data of single patients, for which the minimum of patients gives no protection. Under
  /// a policy, only kinds of frames that the policy permits leave the site.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the policy or the schema forbids the frame.
  func release(frame content: some MessageContent, number: Int, of schema: StreamSchema) async throws
    -> Released<StageMessage>
  {
    let kind = content.message.kind
    if let rules, !rules.allows(frame: kind) {
      let advice =
        SplitFrames.kinds.contains(kind) ? "set release.activations: true" : "name the kind in release.kinds"
      throw ConsiliumError(
        .invalidUpdate,
        "the policy of the site does not release frames of the kind '\(kind)'; \(advice) to permit it")
    }
    let released = try await message(releasing: content)
    try schema.check(frame: released.content, number: number)
    return released
  }

  private func message<Content: MessageContent>(releasing content: Content) async throws
    -> Released<StageMessage>
  {
    let released = try await content.released(by: self)
    return Released(released.content.message, cost: released.cost)
  }

  /// Releases again the answer that was stored for exactly this assignment, bit for bit.
  ///
  /// - Returns: `nil` if no answer was stored.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the stored answer has undeclared content or
  ///   is not finite.
  public func releaseKept(
    to assignment: Assignment, as schema: MessageSchema, from journal: any SiteJournal
  ) async throws -> Released<StageMessage>? {
    guard let kept = try await journal.answer(to: assignment) else { return nil }
    try schema.check(kept)
    guard kept.isFinite else {
      throw ConsiliumError(
        .invalidUpdate,
        "the stored answer to round \(assignment.id.round) has values that are infinite or not a number")
    }
    return Released(kept, cost: .zero)
  }

  /// Releases an update after applying the rules and the study's mechanisms.
  ///
  /// - Throws: ``ConsiliumError`` with code `.diverged` if the update is not finite or out of range, or the
  ///   error of a mechanism.
  public func release<Payload: ParameterGroup>(_ update: consuming SiteUpdate<Payload>) async throws
    -> Released<SiteUpdate<Payload>>
  {
    var update = update
    let (site, round) = (update.update.site, update.update.round)
    let context = SiteContext(site: site, round: round, noise: noise)
    if isRehearsing { update.blankWeight() } else { try check(update) }
    try await norms?.note(update.update.payload.squaredNorm.squareRoot(), in: context)
    var cost = PrivacyCost.unbounded
    for mechanism in mechanisms { cost = min(cost, try await mechanism.atSite(&update.update, in: context)) }
    guard update.update.payload.isInRange else {
      let subject: Divergence.Subject = update.update.payload.isFinite ? .range : .update
      throw ConsiliumError(Divergence(subject, round: round))
    }
    try update.update.checkWeight()
    update.summary = released(update.summary)
    return Released(update, cost: cost)
  }

  private func check<Payload>(_ update: SiteUpdate<Payload>) throws {
    guard let rules else { return }
    try rules.check(update)
    guard let behind = update.summary.patients?.whole, try !allows(behind, rules) else { return }
    throw ConsiliumError(.invalidUpdate, Self.tooSimilar(rules.minimumPatients) + "; the update was not sent")
  }

  /// Releases the part of a value that the rules permit. If the history cannot be read or written, numbers
  /// about patients stay at the site.
  public func release<Content: Releasable>(_ content: Content) -> Released<Content> {
    let known = content.released { set in
      guard let rules else { return true }
      do { return try allows(set, rules) } catch {
        log((error as? ConsiliumError)?.message ?? "\(error)")
        return false
      }
    }
    return Released(released(known), cost: .unbounded)
  }

  /// Releases the part of a value that the rules permit.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the history cannot be read or written.
  public func release<Content: Releasable>(entering content: Content) throws -> Released<Content> {
    let known = try content.released { set in try rules.map { try allows(set, $0) } ?? true }
    return Released(released(known), cost: .unbounded)
  }

  /// Whether numbers about a set may leave, judged by earlier sets. Fewer patients than the minimum are
  /// withheld by the rules, and are not entered.
  private func allows(_ set: PatientSet, _ rules: ReleaseRules) throws -> Bool {
    guard !isRehearsing, let history, set.count >= rules.minimumPatients else { return true }
    if try history.enter(set, minimum: rules.minimumPatients) { return true }
    log(Self.tooSimilar(rules.minimumPatients) + "; these numbers stay at the site")
    return false
  }

  /// What the site's staff and the coordinator are told about a set that is too similar to an earlier one.
  public static func tooSimilar(_ minimum: Int) -> String {
    "numbers have already left the site about almost the same patients: fewer than \(minimum) patients differ, and a "
      + "subtraction would reveal these few. Use the data and the split (evaluation.split, seed) of the earlier release"
  }

  /// Releases a failure of the site's work. Under a policy, only the kind of the failure leaves, and its
  /// message is logged.
  public func release(_ failure: ConsiliumError) -> Released<ConsiliumError> {
    if rules != nil, failure.code != .cancelled { log(failure.message) }
    return Released(released(failure), cost: .zero)
  }

  /// Releases the error of a refused assignment or answer, with its full message. The gate or the coordinator
  /// wrote the message, so it reveals nothing about the site's files.
  public func release(refusal: ConsiliumError) -> Released<ConsiliumError> {
    Released(refusal, cost: .zero)
  }

  private func released<Content: Releasable>(_ content: Content) -> Content {
    let released = (rules.map(content.released) ?? content).withoutPatients()
    return isRehearsing ? released.inRehearsal() : released
  }
}

/// A value that the site's own gate has released. A transport accepts nothing else.
public struct Released<Content: Sendable>: Sendable {
  public let content: Content
  /// An upper bound on what the release reveals about any one patient.
  public let cost: PrivacyCost

  fileprivate init(_ content: Content, cost: PrivacyCost) {
    self.content = content
    self.cost = cost
  }
}
