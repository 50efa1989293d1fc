import FederatedCore

/// One site at work: its trainer, its release policy and the state that the strategy keeps there.
public actor SiteSession<S: Strategy, Trainer: LocalTrainer> {
  public typealias Payload = S.Combiner.Payload

  public nonisolated let site: SiteID
  private let strategy: S
  private let trainer: Trainer
  private let policy: ReleasePolicy
  private let journal: (any SiteJournal<Payload>)?
  private let initialState: S.SiteState
  /// Changes only once an update has been released.
  public private(set) var state: S.SiteState

  /// - Parameters:
  ///   - state: what the strategy keeps at the site before the first assignment.
  ///   - journal: where the site keeps its answers and state; nil where the coordinator's checkpoint holds them.
  public init(
    site: SiteID, strategy: S, trainer: Trainer, policy: ReleasePolicy, state: S.SiteState,
    journal: (any SiteJournal<Payload>)? = nil
  ) {
    (self.site, self.strategy, self.trainer) = (site, strategy, trainer)
    (self.policy, self.state, self.journal, initialState) = (policy, state, journal, state)
  }

  /// Does what the coordinator assigns until the study ends or the task is cancelled.
  ///
  /// A failure of the trainer is an answer too, and so is that the coordinator will not have an answer. The transport's own failures
  /// are thrown, and with a journal those of the site's disk, since the site can take the work up again.
  public nonisolated func serve(over transport: some SiteTransport<Payload>) async throws {
    while let assignment = try await transport.nextAssignment(for: site) {
      do {
        try await transport.submit(try await answer(assignment), to: assignment.id, from: site)
      } catch let error as ConsiliumError where error.code == .invalidUpdate {
        // It must not wait for another: the same would come.
        try await transport.submit(.failure(error), to: assignment.id, from: site)
      }
    }
  }

  func answer(_ assignment: Assignment) async throws -> SiteAnswer<Payload> {
    do {
      switch assignment.work {
      case .train(let instruction, let message):
        if let kept = try await journal?.answer(to: assignment) { return kept }
        if let journal, !S.SiteState.partNames.isEmpty {
          state = try await journal.state(before: assignment)?.group() ?? initialState
        }
        let (answer, next) = try await train(
          from: assignment.model, following: instruction, message: message)
        try await journal?.keep(answer, to: assignment, state: NamedParts(next))
        state = next
        return answer
      case .evaluate(let part):
        return .evaluation(try await trainer.evaluate(assignment.model, on: part))
      }
    } catch {
      let error = ConsiliumError(wrapping: error)
      // A site's own full disk is mended there, and then the work is done; the coordinator need not end the study for it.
      if journal != nil, error.code == .storage { throw error }
      return .failure(error)
    }
  }

  private func train(
    from global: ModelParameters, following instruction: TrainingInstruction, message: NamedParts
  ) async throws -> (SiteAnswer<Payload>, state: S.SiteState) {
    var instruction = instruction
    strategy.configure(&instruction)
    var next = state
    let local = try await strategy.contribute(
      trainer, from: global, instruction: instruction, message: try message.group(), state: &next)
    let update = ModelUpdate(
      site: site, round: instruction.round, payload: local.payload, weight: local.weight)
    let released = try await policy.release(
      update,
      in: SiteContext(
        site: site, round: instruction.round,
        seed: RandomStream.seed(study: instruction.seed, purpose: .filter)))
    return (.update(released, local.summary), next)
  }
}

extension ConsiliumError {
  /// Any error as one of the product: itself, `.cancelled` for a cancelled task, otherwise `.engine`.
  package init(wrapping error: any Error) {
    switch error {
    case let error as ConsiliumError: self = error
    case is CancellationError: self.init(.cancelled, "stopped")
    default: self.init(.engine, "\(error)", cause: error)
    }
  }
}
