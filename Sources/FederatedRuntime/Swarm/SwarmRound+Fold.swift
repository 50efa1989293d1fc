import FederatedCore
import ParameterFiles

extension SwarmRound {
  private var question: Assignment.ID { .init(round: round, stage: 0) }

  private var coordinator: TrainingCoordinator<S> {
    training.makeCoordinator(for: task, from: .init(model: state.model, serverState: state.serverState))
  }

  /// Takes the offers as they come, until the round has all that it needs.
  ///
  /// - Throws: ``RoundFailure`` if the round cannot be completed as the study requires.
  func collect() async throws -> TrainingCoordinator<S>.Outcome {
    let conversation = SwarmConversation(
      coordinator, asking: question, deadline: settings.deadline.map { board.opened + $0 })
    return try await conversation.run(on: board, keys.offerer) { site, entry in
      guard questions[site] != nil else { return nil }
      return try await answer(in: entry, of: site)
    }
  }

  /// The result of a set that was decided.
  ///
  /// - Throws: ``RoundFailure`` if the set is not what the study requires.
  func outcome(of set: SwarmSet) async throws -> TrainingCoordinator<S>.Outcome {
    var coordinator = coordinator
    var actions = try coordinator.take(.begin)
    for drop in set.dropped {
      let error = ConsiliumError(.partial, drop.reason)
      actions += try coordinator.take(.answer(.failure(error), to: question, from: drop.site))
    }
    for member in set.members {
      let parts = try await wanted(member.update)
      let entry = try await board.first { $0.entries[keys.offer(of: member.site)] }
      let answer = received(parts, try SwarmOffer(entry), digest: member.update, of: member.site)
      actions += try coordinator.take(.answer(answer, to: question, from: member.site))
    }
    guard let outcome = try actions.outcome() else {
      throw RoundFailure(
        error: ConsiliumError(
          .partial,
          "the set of round \(round) of arm '\(settings.arm)', which the merger '\(set.merger)' decided, lacks sites"
        ))
    }
    return outcome
  }

  /// The answer in an offer; a failure of the site if the offer cannot be used.
  private func answer(in entry: SwarmEntry, of site: SiteID) async throws -> ReceivedAnswer {
    let offer: SwarmOffer
    do { offer = try SwarmOffer(entry) } catch { return .failure(error) }
    if let failure = offer.failure { return .failure(failure.error) }
    guard offer.base == base, let digest = offer.update else {
      return .failure(
        ConsiliumError(.invalidUpdate, "it trained from another model than that of round \(round - 1)"))
    }
    return received(try await wanted(digest), offer, digest: digest, of: site)
  }

  private func received(_ parts: NamedParts, _ offer: SwarmOffer, digest: String, of site: SiteID)
    -> ReceivedAnswer
  {
    guard let weight = offer.weight, let summary = offer.summary, let question = questions[site] else {
      return .failure(ConsiliumError(.invalidUpdate, "its offer is not complete"))
    }
    let message = ReceivedMessage(
      .update(parts, weight: weight, summary), files: [SiteUpdate<Payload>.tensor: digest])
    do {
      try training.check(message, to: question, from: site)
      return .message(message.checked)
    } catch {
      return .failure(error)
    }
  }
}
