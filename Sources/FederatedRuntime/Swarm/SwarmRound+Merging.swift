import FederatedCore
import ParameterFiles

/// Another member merges now: this member's lease has ended.
private struct SteppedDown: Error {}

extension SwarmRound {
  /// Merges the round as soon as it is this member's turn. If its lease ends, it waits for its next turn.
  func lead() async throws {
    while true {
      try await turn()
      let lease = try await link.grantLease(of: arm.swarm.lease)
      switch try await link.create(
        keys.merger, SwarmMerger(site: site, lease: lease.id.number), lease: lease.id)
      {
      case .created(let entry):
        board.note(entry)
        do {
          try await renewing(lease) { try await merge(under: SwarmFence(entry)) }
          try? await link.register.revoke(lease.id)
          return
        } catch is SteppedDown {
          // Wait for the next turn.
        } catch {
          // The next merger need not wait for the end of the lease.
          try? await link.register.revoke(lease.id)
          throw error
        }
      case .exists(let entry):
        board.note(entry)
        try? await link.register.revoke(lease.id)
      case .fenced: break
      }
    }
  }

  /// Waits until nobody merges and the mergers before this one have stayed silent, each for one lease.
  ///
  /// The first in the order of the round merges at once; if its lease ends, the one behind it does.
  private func turn() async throws {
    let order = arm.mergers(ofRound: round)
    while true {
      let (since, last) = try await board.first { view in view.silentSince.map { ($0, view.lastMerger) } }
      let first = last.flatMap(order.firstIndex).map { $0 + 1 } ?? 0
      let place = order.firstIndex(of: site) ?? 0
      let rank = (place - first + order.count) % order.count
      // If somebody else merges before this member's time has come, wait again.
      let isTaken = try await board.first(until: since + arm.swarm.lease * rank) { view in
        view.silentSince == since ? nil : true
      }
      if isTaken == nil { return }
    }
  }

  /// Renews a lease while `body` runs.
  ///
  /// - Throws: ``SteppedDown`` if the lease has ended or could not be renewed for half its duration.
  private func renewing(_ lease: SwarmLease, _ body: @escaping @Sendable () async throws -> Void) async throws
  {
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        var renewed = link.clock.now
        while true {
          try await link.clock.sleep(until: link.clock.now + lease.duration / 6)
          do {
            guard try await link.register.renew(lease.id) else { throw SteppedDown() }
            renewed = link.clock.now
          } catch let error as ConsiliumError where error.code == .unavailable {
            guard link.clock.now - renewed < lease.duration / 2 else { throw SteppedDown() }
          }
        }
      }
      group.addTask { try await body() }
      _ = try await group.next()
    }
  }

  /// Takes the round from the offers to its record.
  private func merge(under fence: SwarmFence) async throws {
    let begin = ContinuousClock.now
    do {
      let (outcome, set) = try await decide(under: fence)
      let result = try await publish(outcome, under: fence)
      try await confirmed(result)
      var record = RoundRecord(
        arm: settings.arm, round: round, learningRate: settings.learningRate(round),
        contributions: outcome.contributions, dropped: set.dropped, modelDigest: result.model)
      record.validation = try await validations(of: outcome.model, set)
      record.selection = settings.select(state.selection, round: round, validation: record.validation)
      record.seconds = (ContinuousClock.now - begin) / .seconds(1)
      try await write(keys.record, SwarmEnding(record), under: fence)
      // The round ends here for all members, and with it this task.
      await Task { try? await discard(except: result) }.value
    } catch let failure as RoundFailure {
      try await write(keys.record, SwarmEnding(failure: SwarmFailure(failure.error)), under: fence)
    }
  }

  /// Creates an entry, unless it exists.
  ///
  /// - Returns: The entry that exists now.
  @discardableResult
  private func write<Content: SwarmContent>(_ key: SwarmKey, _ content: Content, under fence: SwarmFence)
    async throws -> Content
  {
    switch try await link.create(key, content, fence: fence) {
    case .created(let entry), .exists(let entry):
      board.note(entry)
      return try Content(entry)
    case .fenced: throw SteppedDown()
    }
  }

  /// Decides which offers count. An earlier merger's decision stays.
  private func decide(under fence: SwarmFence) async throws -> (TrainingCoordinator<S>.Outcome, SwarmSet) {
    if let entry = try await link.entry(at: keys.set) {
      let set = try SwarmSet(entry)
      return (try await outcome(of: set), set)
    }
    let outcome = try await collect()
    let own = SwarmSet(
      base: base,
      members: outcome.contributions.map { .init(site: $0.site, update: $0.updateDigest ?? "") },
      dropped: outcome.dropped, merger: site)
    let set = try await write(keys.set, own, under: fence)
    for drop in set.dropped {
      events(.siteDropped(arm: settings.arm, round: round, site: drop.site, reason: drop.reason))
    }
    return set == own ? (outcome, set) : (try await self.outcome(of: set), set)
  }

  /// Publishes the model of the round.
  ///
  /// - Returns: The result that counts. An earlier merger may have published it.
  private func publish(_ outcome: TrainingCoordinator<S>.Outcome, under fence: SwarmFence) async throws
    -> SwarmModel
  {
    let model = try await link.put(NamedParts(outcome.model))
    var digest: String?
    if !S.ServerState.partNames.isEmpty { digest = try await link.put(NamedParts(outcome.serverState)) }
    return try await write(
      keys.model, SwarmModel(model: model, state: digest, merger: site), under: fence)
  }

  /// Waits until enough deputies have computed the same.
  private func confirmed(_ result: SwarmModel) async throws {
    let needed = arm.swarm.neededWitnesses
    let _: Bool = try await board.first { view in
      witnesses(of: result, in: view) >= needed ? true : nil
    }
  }

  /// Collects the sites' evaluations. A required site is waited for; others until the deadline.
  private func validations(of model: ModelParameters, _ set: SwarmSet) async throws -> [SiteValidation] {
    guard settings.validates(round) else { return [] }
    let dropped = Set(set.dropped.map(\.site))
    let sites = arm.validators.filter { !dropped.contains($0) }
    let task = StageTask(
      round: round, plan: ExchangePlan(stages: [.init(members: sites)]), required: settings.required)
    let id = Assignment.ID(round: round, stage: nil)
    let conversation = SwarmConversation(
      EvaluationStage(.validation(settings)).makeCoordinator(for: task, from: model), asking: id,
      deadline: settings.deadline.map { link.clock.now + $0 })
    return try await conversation.run(on: board, keys.validator) { _, entry in
      SwarmValidation.answer(in: entry)
    } notes: { note in
      if case .dropped(let site, let reason) = note {
        events(.siteDropped(arm: settings.arm, round: round, site: site, reason: reason))
      }
    }.results
  }

  /// Removes what nobody needs after the round.
  private func discard(except result: SwarmModel) async throws {
    let offers = try await board.first { view in
      try view.entries(keys.offerer).map { try SwarmOffer($0.entry) } as [SwarmOffer]?
    }
    let kept = [result.model, result.state]
    for digest in offers.map(\.update) + [base, baseState] where !kept.contains(digest) {
      if let digest { try? await link.relay.remove(digest) }
    }
  }
}
