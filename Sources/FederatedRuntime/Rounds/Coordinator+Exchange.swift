import FederatedCore

extension Coordinator {
  /// One round's training: has the state machine decide and does what it says.
  func exchange(
    _ state: inout ArmState<S>, _ record: inout RoundRecord, _ mail: inout MailIterator
  ) async throws {
    let participants = await presentSites()
    let absent = sites.filter { !participants.contains($0) }.map {
      DroppedSite(site: $0, reason: "it was late before and has not asked for work since")
    }
    for drop in absent {
      events(.siteDropped(arm: settings.arm, round: record.round, site: drop.site, reason: drop.reason))
    }
    let plan = topology.plan(round: record.round, participants: participants)
    var machine = RoundStateMachine(
      plan: plan, required: settings.required, minimum: settings.minimumSites,
      concurrency: settings.concurrentSites)
    var work = StageWork<S>(aggregator: strategy.makeAggregator())
    var actions = machine.start()
    var bell: (stage: Int, task: Task<Void, any Error>)?
    defer { bell?.task.cancel() }
    while true {
      let stage = machine.currentStage
      if let deadline = settings.deadline, bell?.stage != stage {
        bell?.task.cancel()
        bell = (stage, desk.ring(.init(round: record.round, stage: stage), after: deadline))
      }
      for action in actions {
        switch action {
        case .assign(let site): await assign(site, stage: stage, state, record)
        case .fold(let site): try fold(site, &work, &record)
        case .finishStage(let updates): try await finishStage(updates, &work, &state, round: record.round)
        case .finishRound:
          record.dropped = absent + machine.dropped
          return
        case .fail(let reason):
          throw ConsiliumError(
            .partial, "round \(record.round) of arm '\(settings.arm)' failed: \(reason)",
            cause: work.lastFailure)
        }
      }
      actions = try await nextActions(&machine, &work, round: record.round, &mail)
    }
  }

  /// Those whom a round waits for: a site that was late once costs the rounds after it no deadline each, as long as the others are
  /// enough.
  private func presentSites() async -> [SiteID] {
    var present: [SiteID] = []
    for site in sites {
      let isAbsent = await desk.isAbsent(site)
      if settings.required.contains(site) || !isAbsent { present.append(site) }
    }
    return present.count >= settings.minimumSites ? present : sites
  }

  private func assign(_ site: SiteID, stage: Int, _ state: ArmState<S>, _ record: RoundRecord) async {
    let message = strategy.message(for: record.round, state: state.serverState)
    let instruction = settings.instruction(round: record.round, site: site)
    let work = Assignment.Work.train(instruction, message: NamedParts(message))
    events(.siteStarted(arm: settings.arm, round: record.round, site: site))
    await desk.assign(
      Assignment(
        id: .init(round: record.round, stage: stage), model: state.model, work: work,
        previousRound: state.contributed[site]), to: site)
  }

  private func fold(_ site: SiteID, _ work: inout StageWork<S>, _ record: inout RoundRecord) throws {
    guard let (received, digest) = work.updates.removeValue(forKey: site) else { return }
    record.contributions.append(
      Contribution(
        site: site, weight: received.update.weight, updateDigest: digest, summary: received.summary))
    try work.aggregator.add(received.update)
  }

  private func finishStage(
    _ updates: Int, _ work: inout StageWork<S>, _ state: inout ArmState<S>, round: Int
  ) async throws {
    guard updates > 0 else { return }
    var aggregate = try work.takeAggregate(next: strategy.makeAggregator())
    let context = RoundContext(round: round, noise: settings.noise)
    for mechanism in settings.mechanisms.reversed() { try await mechanism.atLead(&aggregate, in: context) }
    strategy.apply(
      aggregate, to: &state.model, state: &state.serverState, round: round, siteCount: sites.count)
  }

  /// Waits for what comes next and asks the state machine what it means.
  private func nextActions(
    _ machine: inout RoundStateMachine, _ work: inout StageWork<S>, round: Int, _ mail: inout MailIterator
  ) async throws -> [RoundStateMachine.Action] {
    let before = machine.dropped.count
    let actions: [RoundStateMachine.Action]
    let current = Assignment.ID(round: round, stage: machine.currentStage)
    guard let item = await mail.next() else { throw CancellationError() }
    switch item {
    case .deadline(let id) where id == current:
      let late = "it gave no update within \(settings.deadline.map { "\($0)" } ?? "the time")"
      actions = machine.deadlineReached(reason: late)
      for drop in machine.dropped[before...] { await desk.withdraw(from: drop.site) }
    case .deadline:
      actions = []
    case .answer(let received) where received.id == current:
      actions = try take(received, &machine, &work, round: round)
    case .answer:
      actions = []
    }
    for drop in machine.dropped[before...] {
      events(.siteDropped(arm: settings.arm, round: round, site: drop.site, reason: drop.reason))
    }
    return actions
  }

  private func take(
    _ received: CoordinatorDesk<Payload>.Received, _ machine: inout RoundStateMachine,
    _ work: inout StageWork<S>, round: Int
  ) throws -> [RoundStateMachine.Action] {
    let site = received.site
    switch received.answer {
    case .update(let update):
      work.updates[site] = (update, received.digest)
      events(.siteFinished(arm: settings.arm, round: round, site: site, update.summary))
      return machine.updateReceived(from: site)
    case .failure(let error):
      try error.throwUnlessOfSite()
      work.lastFailure = error
      return machine.siteFailed(site, reason: error.message)
    case .evaluation:
      return machine.siteFailed(site, reason: "it sent an evaluation in place of an update")
    }
  }
}

extension ConsiliumError {
  /// A cancelled task and a full disk concern the run, not one site.
  func throwUnlessOfSite() throws(ConsiliumError) {
    if code == .cancelled || code == .storage { throw self }
  }
}

/// What a stage holds while it goes on.
struct StageWork<S: Strategy>: Sendable {
  var aggregator: S.Combiner
  /// Updates that wait for those before them.
  var updates: [SiteID: (ReceivedUpdate<S.Combiner.Payload>, digest: String?)] = [:]
  var lastFailure: ConsiliumError?

  init(aggregator: S.Combiner) { self.aggregator = aggregator }

  mutating func takeAggregate(next: S.Combiner) throws(ConsiliumError) -> Aggregate<S.Combiner.Payload> {
    let finished = aggregator
    aggregator = next
    return try finished.finish()
  }
}
