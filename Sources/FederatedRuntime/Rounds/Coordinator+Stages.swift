import FederatedCore

extension Coordinator {
  /// Trains one round of the arm.
  func train(_ state: inout ArmState<S>, _ record: inout RoundRecord, _ mail: inout StageHost.MailIterator)
    async throws
  {
    let fixed = try await journal.fixedRound(record.round, of: settings.arm)
    let drawn = Set(topology.plan(round: record.round, participants: sites).members)
    let expected = sites.filter(drawn.contains)
    let participants =
      if let fixed { sites.filter(fixed.sites.contains) } else { await present(expected) }
    let absent =
      fixed?.dropped
      ?? expected.filter { !participants.contains($0) }.map {
        DroppedSite(site: $0, reason: "it missed an earlier deadline and has not asked for work since")
      }
    for drop in absent {
      events(.siteDropped(arm: settings.arm, round: record.round, site: drop.site, reason: drop.reason))
    }
    let (settings, task) = state.task(
      ofRound: record.round, settings: settings, strategy, topology, participants: participants)
    let outcome = try await host(round: record.round).run(
      TrainingStage(strategy, settings: settings), task,
      from: .init(model: state.model, serverState: state.serverState), &mail)
    state.model = outcome.model
    state.serverState = outcome.serverState
    state.changes = RoundChanges(round: record.round, largest: outcome.changes)
    record.contributions = outcome.contributions
    record.dropped = absent + outcome.dropped
  }

  /// Validates the model at `sites`, on their validation data.
  ///
  /// Waits for required sites without limit, and for optional sites only until the deadline. The caller
  /// leaves out sites that were dropped from the round, since they may still be busy.
  ///
  /// - Returns: The results in the order of the sites.
  func validate(
    _ model: ModelParameters, round: Int, at sites: [SiteID], _ mail: inout StageHost.MailIterator
  ) async throws -> [SiteValidation] {
    let task = StageTask(
      round: round, plan: ExchangePlan(stages: [.init(members: sites)]), required: settings.required)
    return try await host(round: round).run(
      EvaluationStage(.validation(settings)), task, from: model, &mail
    ).results
  }

  /// The sites that this round waits for. An optional site that missed a deadline is left out until it asks
  /// for work again, provided that enough sites remain.
  private func present(_ sites: [SiteID]) async -> [SiteID] {
    var present: [SiteID] = []
    for site in sites {
      let isAbsent = await mailbox.isAbsent(site)
      if settings.required.contains(site) || !isAbsent { present.append(site) }
    }
    return present.count >= settings.minimumSites ? present : sites
  }

  private func host(round: Int) -> StageHost {
    let (arm, events) = (settings.arm, events)
    return StageHost(arm: arm, mailbox: mailbox, deadline: settings.deadline, journal: journal) { note in
      events(RunEvent(note, arm: arm, round: round))
    }
  }
}

extension RunEvent {
  /// Converts a stage's progress report to an event of the run.
  public init(_ note: StageNote, arm: String, round: Int) {
    self =
      switch note {
      case .started(let site): .siteStarted(arm: arm, round: round, site: site)
      case .trained(let site, let summary): .siteFinished(arm: arm, round: round, site: site, summary)
      case .evaluated(let site, let evaluation):
        .siteValidated(arm: arm, round: round, site: site, evaluation)
      case .dropped(let site, let reason):
        .siteDropped(arm: arm, round: round, site: site, reason: reason)
      }
  }
}
