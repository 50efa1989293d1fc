import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyAgreement
import StudyProtocol
import StudyRuns

extension CoordinatorService: AdministrationHandler {
  public func propose(_ proposal: Data, by peer: Party) async throws -> String {
    let proposal: StudyProposal = try WireJSON.decode(proposal, "the proposal")
    guard proposal.lead == peer else {
      throw ConsiliumError(.invalidInput, "\(peer) cannot propose a study that \(proposal.lead) signed")
    }
    let study = try proposal.verify(by: authority, at: now())
    try proposal.demandInitialModel(for: study)
    try demandEngine(for: study)
    let digest = proposal.digest
    let id = "\(study.header.name)-v\(study.header.version)-\(digest.prefix(8))"
    if let known = entries[id] {
      guard known.stored.state.hasEnded || !known.stored.agreement.proposal.asksTheSame(as: proposal) else {
        return id
      }
      throw ConsiliumError(
        .invalidInput,
        "study '\(id)' has been proposed before; raise its version to propose it again, or change its content"
      )
    }
    let stored = StoredStudy(
      id: id, digest: digest, agreement: StudyAgreement(proposal), state: .proposed, reason: "")
    try await enter(
      AuditRecord(
        .studyProposed, by: peer, of: AuditSubject(study: id, digest: digest),
        details: [
          "invited": proposal.statement.invited.map(\.rawValue).joined(separator: ", "),
          "initial weights": proposal.statement.initialModel ?? "",
        ].filter { !$0.value.isEmpty }))
    // The same proposal may have arrived twice.
    guard entries[id] == nil else { return id }
    try database.insert(stored)
    entries[id] = Entry(stored: stored, study: study, board: ReadinessBoard())
    order.append(id)
    changed()
    return id
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the study's model is split and there is no engine
  ///   for its middle.
  private func demandEngine(for study: Study) throws(ConsiliumError) {
    guard study.federation.split != nil, configuration.engine == nil else { return }
    throw ConsiliumError(
      .invalidInput,
      "the study's model is split (federation.split), and this coordinator has no engine for its middle; install the package "
        + "consilium-engine at the coordinator and start it with 'consilium coordinator run --engine', or remove federation.split, "
        + "which gives the same model")
  }

  public func control(
    _ action: StudyAction, study id: String, reason: String, start: Data = Data(), by peer: Party
  ) async throws -> StudyState {
    let entry = try entry(id)
    let state = entry.stored.state
    func refuse(_ what: String) -> ConsiliumError { ConsiliumError(.invalidInput, "study '\(id)' \(what)") }
    // Repeated requests change nothing. A client repeats a request if the reply was lost.
    switch (action, state) {
    case (.resume, .running) where !entry.isUnsettled, (.resume, .rehearsing) where !entry.isUnsettled,
      (.pause, .paused), (.abort, .aborted):
      return state
    default: break
    }
    if state.hasEnded { throw refuse("has ended (\(state.rawValue))") }
    switch action {
    case .start:
      guard peer.role == .lead else {
        throw refuse("can only be started by a study lead; \(peer) is not one")
      }
      if state == .running || state == .rehearsing, !entry.isUnsettled { return state }
      guard state == .ready || state == .paused || entry.isUnsettled else {
        throw refuse("cannot start: " + (try missingSignatures(entry)))
      }
      try await begin(id, .studyStarted, signed: start, by: peer)
    case .resume:
      guard state == .paused || entry.isUnsettled else { throw refuse("is \(state.rawValue), not paused") }
      try await resume(id, by: peer)
    case .repeat:
      try await beginAttempt(at: id, because: reason, by: peer)
    case .pause:
      guard state == .running || state == .rehearsing else {
        throw refuse("is \(state.rawValue), not running")
      }
      try await stop(id, .paused, reason: reason, .studyPaused, by: peer)
    case .abort:
      try await stop(id, .aborted, reason: reason, .studyAborted, by: peer)
    }
    return try self.entry(id).stored.state
  }

  /// The lead's signed start, without which no site works, once it is verified.
  private func verified(_ start: Data, of id: String, by peer: Party) throws -> SignedStart {
    let stored = try entry(id).stored
    guard !start.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "study '\(id)' cannot start without the lead's signature, which the sites verify; start it with "
          + "'consilium study start \(id)'")
    }
    let signed: SignedStart = try WireJSON.decode(start, "the start")
    guard signed.signer == peer else {
      throw ConsiliumError(.invalidInput, "\(peer) cannot start a study for \(signed.signer)")
    }
    try signed.verify(for: stored.agreement.proposal, by: authority, at: now())
    return signed
  }

  private func missingSignatures(_ entry: Entry) throws -> String {
    let review = try entry.stored.agreement.review(by: authority, at: now())
    let missing = review.missing.map { site in
      review.declined[site].map { "site '\(site)' declined (\($0))" } ?? "site '\(site)' has not signed"
    }
    return missing.isEmpty
      ? "\(review.signed.count) of at least \(review.proposal.minimum) sites have signed"
      : missing.joined(separator: ", ")
  }

  func resume(_ id: String, by peer: Party) async throws { try await begin(id, .studyResumed, by: peer) }

  /// The reason why a study that an earlier version started has to be started again.
  static func unsignedStart(_ id: String) -> String {
    "an earlier version started it without the lead's signature, which the sites now require. Its lead can start it with "
      + "'consilium study start \(id)'; no finished round is lost"
  }

  /// - Parameter start: JSON of the lead's signed start; `nil` to continue under the last one.
  private func begin(_ id: String, _ action: AuditAction, signed start: Data? = nil, by peer: Party)
    async throws
  {
    let entry = try entry(id)
    if let refusal = entry.refusal {
      throw ConsiliumError(.invalidInput, "study '\(id)' cannot continue: \(refusal)")
    }
    let start = try start.map { try verified($0, of: id, by: peer) }
    guard start != nil || entry.stored.start != nil else {
      throw ConsiliumError(.invalidInput, "study '\(id)' cannot continue: \(Self.unsignedStart(id))")
    }
    _ = try givenWeights(of: id)
    _ = try plan(of: entry)
    try await enter(AuditRecord(action, by: peer, of: AuditSubject(study: id, digest: entry.stored.digest)))
    if entry.isUnsettled { await halt(id) }
    // The study may have ended, or lost a signature, in the meantime.
    let current = try self.entry(id)
    guard !current.stored.state.hasEnded else {
      throw ConsiliumError(.invalidInput, "study '\(id)' has ended (\(current.stored.state.rawValue))")
    }
    let plan = try plan(of: current)
    try commit(StudyChange(state: .rehearsing, started: now(), start: start), of: id)
    entries[id]?.isUnsettled = false
    entries[id]?.plan = plan
    if !queue.contains(id) { queue.append(id) }
    schedule()
  }

  /// The plan of a study that may run.
  private func plan(of entry: Entry) throws -> NetworkPlan {
    guard let plan = try entry.plan ?? agreedPlan(entry.stored.agreement, entry.study) else {
      throw ConsiliumError(
        .invalidInput, "study '\(entry.stored.id)' cannot continue: " + (try missingSignatures(entry)))
    }
    return plan
  }

  private func stop(_ id: String, _ state: StudyState, reason: String, _ action: AuditAction, by peer: Party)
    async throws
  {
    try await enter(
      AuditRecord(
        action, by: peer, of: AuditSubject(study: id, digest: try entry(id).stored.digest),
        details: reason.isEmpty ? [:] : ["reason": reason]))
    // The study may have ended in the meantime.
    guard try !entry(id).stored.state.hasEnded else { return }
    // If this fails, the study runs on.
    try set(state, reason: reason, of: id)
    await halt(id)
    if state.hasEnded { await salvage(id) }
  }

  /// Ends the run of a study whose new state is stored, and waits for its end.
  func halt(_ id: String) async {
    queue.removeAll { $0 == id }
    let task = entries[id]?.task
    task?.cancel()
    await task?.value
  }

  public func status(of study: String?) async throws -> Data {
    var status = CoordinatorStatus(
      consortium: authority.consortium, version: consiliumVersion, studies: [],
      sites: observedSites())
    for id in order where study == nil || study == id { status.studies.append(try await self.status(of: id)) }
    if let study, status.studies.isEmpty { _ = try entry(study) }
    return try WireJSON.encode(status)
  }

  public func events(of study: String?) async throws -> AsyncStream<Data> {
    guard let study else { return hub.watch(nil) }
    return hub.watch(study, first: try WireJSON.encode(StudyEvent(try entry(study).stored)))
  }

  public func results(of study: String) async throws -> StudyFiles {
    let entry = try entry(study)
    guard entry.stored.state.hasEnded else {
      return StudyFiles(state: entry.stored.state, files: [], store: nil)
    }
    guard let endpoint = entry.endpoint else {
      return StudyFiles(state: entry.stored.state, files: [], store: nil)
    }
    return try await endpoint.files(entry.files, state: entry.stored.state)
  }
}

/// Sign-ins on the dashboard, which do not come through the network server.
extension CoordinatorService {
  /// Records in the audit log that a person signed in with a token.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func signedIn(_ party: Party) async throws {
    try await enter(AuditRecord(.signedIn, by: party))
  }

  /// Records in the audit log that a client at `address` presented an invalid token.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func refusedSignIn(from address: String) async throws {
    try await enter(
      AuditRecord(.signInRefused, by: currentIdentity.party, details: ["address": address]))
  }
}
