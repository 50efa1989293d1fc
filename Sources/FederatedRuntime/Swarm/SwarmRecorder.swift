import FederatedCore

/// Stores the rounds of a swarm whose members all run in this process, and reports their course.
///
/// A round is stored when the first member has seen its end. No member begins the next round before it is
/// stored, so the members' memories are those after the round.
actor SwarmRecorder<S: Strategy> {
  private let settings: FederationSettings
  private let sessions: [SiteSession]
  private let journal: any RoundJournal
  private let events: RunEventHandler
  /// The last round that a member has begun.
  private var begun: Int
  /// The last round that a member has ended, and the task that stores it.
  private var last: Int
  private var stored: Task<ModelParameters?, any Error>?

  /// - Parameter round: The last round that is in the journal.
  init(
    _ settings: FederationSettings, after round: Int, sessions: [SiteSession], journal: any RoundJournal,
    events: @escaping RunEventHandler
  ) {
    self.settings = settings
    self.sessions = sessions
    self.journal = journal
    self.events = events
    (begun, last) = (round, round)
  }

  func begin(_ round: Int) {
    guard round > begun else { return }
    begun = round
    events(.roundStarted(arm: settings.arm, round: round, rounds: settings.rounds))
  }

  /// - Returns: The model, mapped from its stored file; `nil` if there is no such file.
  func end(_ record: RoundRecord, _ state: ArmState<S>) async throws -> ModelParameters? {
    // An optional site may come late.
    guard record.round >= last else { return nil }
    if let stored, record.round == last { return try await stored.value }
    let task = Task { try await store(record, state) }
    (last, stored) = (record.round, task)
    return try await task.value
  }

  private func store(_ record: RoundRecord, _ state: ArmState<S>) async throws -> ModelParameters? {
    var states: [SiteID: NamedParts] = [:]
    if !S.SiteState.partNames.isEmpty {
      for session in sessions { states[session.site] = await session.memory }
    }
    let model = try await journal.commit(
      RoundCheckpoint(
        record: record, model: state.model, serverState: NamedParts(state.serverState), siteStates: states))
    events(.roundCommitted(record))
    return model
  }
}
