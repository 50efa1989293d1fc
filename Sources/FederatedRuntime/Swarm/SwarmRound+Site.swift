import FederatedCore

extension SwarmRound {
  /// Trains, if the plan of the round has this site, and offers the update.
  func offer() async throws {
    guard let question = questions[site], try await link.entry(at: keys.offer(of: site)) == nil else {
      return
    }
    events(.siteStarted(arm: settings.arm, round: round, site: site))
    let offer: SwarmOffer
    switch try await answer(to: question) {
    case .message(let released):
      let content = try SiteUpdate<Payload>(released.content, site: site, round: round)
      // The offer counts only if the relay has the whole update.
      let digest = try await link.put(NamedParts(content.update.payload))
      offer = SwarmOffer(
        base: base, update: digest, weight: content.update.weight, summary: content.summary)
      events(.siteFinished(arm: settings.arm, round: round, site: site, content.summary))
    case .failure(let released):
      offer = SwarmOffer(base: base, failure: SwarmFailure(released.content))
    }
    _ = try await link.create(keys.offer(of: site), offer)
  }

  /// Evaluates the model of the round, if the plan has a validation and this site was not dropped.
  func validate() async throws {
    guard settings.validates(round), arm.validators.contains(site) else { return }
    let (set, result) = try await merged()
    guard !set.dropped.contains(where: { $0.site == site }),
      try await link.entry(at: keys.validation(of: site)) == nil
    else { return }
    let model = try await wanted(result.model).model()
    let question = Assignment(
      id: .init(round: round, stage: nil), message: .evaluate(model, on: .validation))
    let validation: SwarmValidation
    switch try await answer(to: question) {
    case .message(let released):
      let evaluation = try SiteEvaluation(released.content)
      events(.siteValidated(arm: settings.arm, round: round, site: site, evaluation))
      validation = SwarmValidation(evaluation)
    case .failure(let released): validation = SwarmValidation(failure: SwarmFailure(released.content))
    }
    _ = try await link.create(keys.validation(of: site), validation)
  }

  /// The set of the round and its result, as soon as both exist.
  func merged() async throws -> (SwarmSet, SwarmModel) {
    try await board.first { view in
      guard let set: SwarmSet = try view.content(at: keys.set),
        let result: SwarmModel = try view.content(at: keys.model)
      else { return nil }
      return (set, result)
    }
  }

  /// Parameters that the relay must have, since an entry names them. Waits until it does.
  func wanted(_ digest: String) async throws -> NamedParts {
    while true {
      if let parts = try await link.parts(digest) { return parts }
      try await link.sleep()
    }
  }

  /// The session's answer. A failure that concerns only this process, such as a cancelled task, is thrown.
  private func answer(to question: Assignment) async throws -> StageAnswer {
    let answer = try await session.answer(question, over: NoConversations())
    try Task.checkCancellation()
    if case .failure(let released) = answer { try released.content.throwUnlessOfSite() }
    return answer
  }
}

extension NamedParts {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if these are not the parts of a model.
  func model() throws(ConsiliumError) -> ModelParameters {
    guard names == ModelParameters.partNames else {
      throw ConsiliumError(.invalidUpdate, "an entry of the swarm names a model that is none")
    }
    return parts[0]
  }
}

/// A swarm has no streamed questions, so a session needs no transport to answer.
private struct NoConversations: SiteTransport {
  func nextAssignment(for site: SiteID) -> Assignment? { nil }
  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) {}
}
