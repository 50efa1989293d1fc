import FederatedCore
import ParameterFiles

/// Runs the rounds of an arm from the coordinator's side: assigns, combines, applies, validates and commits.
///
/// The coordinator reaches its sites only through its mailbox, so sites in this process and sites on other
/// machines need no different code.
public struct Coordinator<S: Strategy>: Sendable {
  let settings: FederationSettings
  let strategy: S
  let topology: any Topology
  /// The sites that train, in order.
  let sites: [SiteID]
  /// The sites that validate, in order.
  let validators: [SiteID]
  let mailbox: CoordinatorMailbox
  let journal: any RoundJournal
  let events: RunEventHandler
  /// The strategy's state at each site, if the sites run in this process and their state is part of the
  /// checkpoint.
  var siteStates: @Sendable () async -> [SiteID: NamedParts] = { [:] }

  /// - Parameters:
  ///   - trainers: The sites that train.
  ///   - validators: The sites that validate the global model.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the settings contradict each other or do not
  ///   fit the sites.
  public init(
    settings: FederationSettings, strategy: S, topology: any Topology, trainers: [SiteID],
    validators: [SiteID], mailbox: CoordinatorMailbox, journal: any RoundJournal,
    events: @escaping RunEventHandler = { _ in }
  ) throws(ConsiliumError) {
    sites = trainers.sorted()
    var settings = settings
    settings.siteCount = sites.count
    self.settings = settings
    self.strategy = strategy
    self.topology = topology
    self.validators = validators.sorted()
    self.mailbox = mailbox
    self.journal = journal
    self.events = events
    try settings.check(members: sites)
  }

  /// Runs all rounds that are not yet in the journal, for sites that keep their own state.
  ///
  /// - Throws: ``ConsiliumError``, as ``Federation/run(from:)`` does.
  public func run(from initial: ModelParameters) async throws -> FederationOutcome {
    do {
      let last = try await journal.lastCheckpoint(of: settings.arm)
      return try await run(try ArmState(last, initial: initial, strategy: strategy, members: []))
    } catch {
      throw ConsiliumError(wrapping: Task.isCancelled ? CancellationError() : error)
    }
  }

  func run(_ start: ArmState<S>) async throws -> FederationOutcome {
    let arm = settings.arm
    var state = start
    for record in try await journal.records(of: arm) where record.round <= state.round {
      state.note(record)
    }
    var mail = mailbox.mail.makeAsyncIterator()
    events(.armStarted(arm: arm, sites: sites, rounds: settings.rounds, resumedAfter: state.round))
    while state.round < settings.rounds, !shouldStop(state) {
      try Task.checkCancellation()
      try await runRound(&state, &mail)
    }
    return try await FederationOutcome(state, settings: settings, journal: journal, events: events)
  }

  private func shouldStop(_ state: ArmState<S>) -> Bool {
    settings.selection?.shouldStop(state.selection) ?? false
  }

  private func runRound(_ state: inout ArmState<S>, _ mail: inout StageHost.MailIterator) async throws {
    let clock = ContinuousClock()
    let begin = clock.now
    let round = state.round + 1
    events(.roundStarted(arm: settings.arm, round: round, rounds: settings.rounds))
    var record = RoundRecord(
      arm: settings.arm, round: round, learningRate: settings.learningRate(round))
    do {
      try await trainAndValidate(&state, &record, &mail)
    } catch let error as ConsiliumError {
      throw state.changes.explaining(error)
    }
    state.selection = settings.select(state.selection, round: round, validation: record.validation)
    record.selection = state.selection
    record.seconds = (clock.now - begin) / .seconds(1)
    state.round = round
    state.note(record)
    if let stored = try await journal.commit(checkpoint(record, state)) { state.model = stored }
    events(.roundCommitted(record))
  }

  private func trainAndValidate(
    _ state: inout ArmState<S>, _ record: inout RoundRecord, _ mail: inout StageHost.MailIterator
  ) async throws {
    try await train(&state, &record, &mail)
    if !S.Message.partNames.isEmpty {
      record.messageDigest = journal.digest(
        ofMessage: NamedParts(strategy.message(for: record.round + 1, state: state.serverState)))
    }
    // Compute the digest while the sites validate.
    let model = state.model
    async let digest = ParameterDigest.sha256(of: model)
    if settings.validates(record.round) {
      if journal.fixesModels {
        record.modelDigest = await digest
        try await journal.fix(record, model: model)
      }
      let dropped = Set(record.dropped.map(\.site))
      record.validation = try await validate(
        model, round: record.round, at: validators.filter { !dropped.contains($0) }, &mail)
    }
    record.modelDigest = await digest
  }

  private func checkpoint(_ record: RoundRecord, _ state: ArmState<S>) async -> RoundCheckpoint {
    RoundCheckpoint(
      record: record, model: state.model, serverState: NamedParts(state.serverState),
      siteStates: S.SiteState.partNames.isEmpty ? [:] : await siteStates())
  }
}
