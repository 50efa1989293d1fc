import FederatedCore

/// One site at work: its trainer, its release gate and the state that the strategy keeps there.
public actor SiteSession<S: Strategy, Trainer: LocalTrainer> {
  public typealias Payload = S.Combiner.Payload

  public nonisolated let site: SiteID
  private let strategy: S
  private let trainer: Trainer
  private let gate: ReleaseGate
  private let journal: (any SiteJournal<Payload>)?
  private let initialState: S.SiteState
  /// Changes only once an update has been released.
  public private(set) var state: S.SiteState

  /// - Parameters:
  ///   - state: what the strategy keeps at the site before the first assignment.
  ///   - journal: where the site keeps its answers and state; nil where the coordinator's checkpoint holds them.
  public init(
    site: SiteID, strategy: S, trainer: Trainer, gate: ReleaseGate, state: S.SiteState,
    journal: (any SiteJournal<Payload>)? = nil
  ) {
    self.site = site
    self.strategy = strategy
    self.trainer = trainer
    self.gate = gate
    self.state = state
    self.journal = journal
    initialState = state
  }

  /// Does what the coordinator assigns until the study ends or the task is cancelled.
  ///
  /// A failure of the trainer is an answer too, and so is that the coordinator will not have an answer. The transport's own failures
  /// and those of the site's disk are thrown, since the site can take the work up again.
  public nonisolated func serve(over transport: some SiteTransport<Payload>) async throws {
    while let assignment = try await transport.nextAssignment(for: site) {
      do {
        try await transport.submit(try await answer(assignment), to: assignment.id, from: site)
      } catch let error as ConsiliumError where error.code == .invalidUpdate {
        // The coordinator would assign the same work again and get the same answer.
        try await transport.submit(.failure(gate.release(refusal: error)), to: assignment.id, from: site)
      }
    }
  }

  func answer(_ assignment: Assignment) async throws -> SiteAnswer<Payload> {
    do {
      switch assignment.work {
      case .train(let instruction, let message):
        if let journal, let kept = try await gate.releaseKept(to: assignment, from: journal) {
          return .update(kept)
        }
        if let journal, !S.SiteState.partNames.isEmpty {
          state = try await journal.state(before: assignment)?.group() ?? initialState
        }
        return .update(try await train(assignment, following: instruction, message: message))
      case .evaluate(let part):
        return .evaluation(gate.release(try await trainer.evaluate(assignment.model, on: part)))
      }
    } catch let refusal as Refusal {
      return .failure(gate.release(refusal: refusal.error))
    } catch {
      let error = ConsiliumError(wrapping: error)
      // A site's own full disk is mended there, and then the work is done; the coordinator need not end the study for it.
      if error.code == .storage { throw error }
      return .failure(gate.release(error))
    }
  }

  private func train(
    _ assignment: Assignment, following instruction: TrainingInstruction, message: NamedParts
  ) async throws -> Released<SiteUpdate<Payload>> {
    var instruction = instruction
    strategy.configure(&instruction)
    var next = state
    let local = try await strategy.contribute(
      trainer, from: assignment.model, instruction: instruction, message: try message.group(), state: &next)
    let update = ModelUpdate(
      site: site, round: instruction.round, payload: local.payload, weight: local.weight)
    do {
      let released = try await gate.release(
        SiteUpdate(update, local.summary), of: assignment, state: NamedParts(next), keepingIn: journal)
      state = next
      return released
    } catch let error as ConsiliumError where error.code == .invalidUpdate {
      throw Refusal(error: error)
    }
  }
}

/// The gate does not let an update out.
private struct Refusal: Error {
  let error: ConsiliumError
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
