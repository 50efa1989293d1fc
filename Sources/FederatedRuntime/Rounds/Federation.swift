import FederatedCore
import ParameterFiles

/// The run of one arm: the rounds of a strategy, with a topology and the trainers of the arm's members.
///
/// A baseline uses the same code: the arm `local-X` has the single member X, and `pooled` the single member
/// "pooled".
public struct Federation<S: Strategy, Trainer: LocalTrainer>: Sendable {
  /// One site: its trainer, its release gate and its tasks.
  public struct Member: Sendable {
    public var site: SiteID
    public var trainer: Trainer
    public var gate: ReleaseGate
    /// Whether the site takes part in rounds.
    public var trains: Bool
    /// Whether the site validates the global model.
    public var validates: Bool

    public init(
      site: SiteID, trainer: Trainer, gate: ReleaseGate = ReleaseGate(), trains: Bool = true,
      validates: Bool = true
    ) {
      self.site = site
      self.trainer = trainer
      self.gate = gate
      self.trains = trains
      self.validates = validates
    }
  }

  let settings: FederationSettings
  let strategy: S
  let topology: any Topology
  let members: [Member]
  let journal: any RoundJournal
  let events: RunEventHandler

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the settings contradict each other or do not
  ///   fit the members.
  public init(
    settings: FederationSettings, strategy: S, topology: any Topology, members: [Member],
    journal: any RoundJournal = InMemoryJournal(), events: @escaping RunEventHandler = { _ in }
  ) throws(ConsiliumError) {
    let trainers = members.filter(\.trains).map(\.site).sorted()
    var settings = settings
    settings.siteCount = trainers.count
    self.settings = settings
    self.strategy = strategy
    self.topology = topology
    self.members = members.sorted { $0.site < $1.site }
    self.journal = journal
    self.events = events
    try settings.check(members: trainers)
  }

  /// Runs all rounds that are not yet in the journal, from `initial` or from the last committed round.
  ///
  /// - Throws: ``ConsiliumError``: `.partial` if a round lacks a required site or the minimum number of
  ///   sites, `.cancelled` if the task was cancelled, `.storage` if the journal or the disk fails,
  ///   `.invalidInput` if the journal belongs to the arm of a different study. Committed rounds are kept.
  public func run(from initial: ModelParameters) async throws -> FederationOutcome {
    do {
      let last = try await journal.lastCheckpoint(of: settings.arm)
      let start = try ArmState(last, initial: initial, strategy: strategy, members: members.map(\.site))
      let mailbox = CoordinatorMailbox()
      let stages = StageRegistry(of: strategy, settings: settings)
      let sessions = members.map { member in
        SiteSession(
          site: member.site, stages: stages, trainer: member.trainer, gate: member.gate,
          memory: NamedParts(start.siteState(member.site, strategy)))
      }
      return try await withThrowingTaskGroup(of: FederationOutcome?.self) { group in
        for session in sessions {
          group.addTask {
            try await session.serve(over: InProcessTransport(mailbox))
            return nil
          }
        }
        group.addTask {
          var coordinator = try Coordinator(
            settings: settings, strategy: strategy, topology: topology,
            trainers: members.filter(\.trains).map(\.site),
            validators: members.filter(\.validates).map(\.site), mailbox: mailbox, journal: journal,
            events: events)
          coordinator.siteStates = {
            var states: [SiteID: NamedParts] = [:]
            for session in sessions { states[session.site] = await session.memory }
            return states
          }
          return try await coordinator.run(start)
        }
        return try await first(in: &group, closing: mailbox)
      }
    } catch {
      throw ConsiliumError(wrapping: Task.isCancelled ? CancellationError() : error)
    }
  }

  /// Waits for the coordinator's outcome. Closes the mailbox, which ends all idle sessions. Cancels the
  /// sessions of dropped sites that are still busy.
  private func first(
    in group: inout ThrowingTaskGroup<FederationOutcome?, any Error>,
    closing mailbox: CoordinatorMailbox
  ) async throws -> FederationOutcome {
    var outcome: FederationOutcome?
    while let result = try await group.next() {
      if let result {
        outcome = result
        await mailbox.close()
        group.cancelAll()
      }
    }
    guard let outcome else { throw CancellationError() }
    return outcome
  }
}

/// The result of running an arm.
public struct FederationOutcome: Sendable {
  /// The global model after the last round.
  public var lastModel: ModelParameters
  /// The model of the best round, or of the last if none was selected.
  public var bestModel: ModelParameters
  /// The records of all rounds, including rounds from before a resume.
  public var records: [RoundRecord]
  public var stoppedEarly: Bool

  public init(
    lastModel: ModelParameters, bestModel: ModelParameters, records: [RoundRecord], stoppedEarly: Bool
  ) {
    self.lastModel = lastModel
    self.bestModel = bestModel
    self.records = records
    self.stoppedEarly = stoppedEarly
  }
}

extension FederationOutcome {
  /// The outcome of an arm that has ended in this state. Reports the end.
  init<S>(
    _ state: ArmState<S>, settings: FederationSettings, journal: any RoundJournal, events: RunEventHandler
  ) async throws {
    let records = try await journal.records(of: settings.arm)
    let best = state.selection.bestRound == state.round ? nil : try await journal.bestModel(of: settings.arm)
    self.init(
      lastModel: state.model, bestModel: best ?? state.model, records: records,
      stoppedEarly: state.round < settings.rounds)
    events(
      .armFinished(
        arm: settings.arm, rounds: state.round, bestRound: state.selection.bestRound,
        modelDigest: records.last?.modelDigest ?? ParameterDigest.sha256(of: state.model),
        stoppedEarly: stoppedEarly))
  }
}
