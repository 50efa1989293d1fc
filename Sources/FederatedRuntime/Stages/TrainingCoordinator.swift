import FederatedCore

/// The coordinator's half of training. ``RoundStateMachine`` decides which sites are asked and in which order
/// updates are added to the aggregate.
public struct TrainingCoordinator<S: Strategy>: StageCoordinator {
  typealias Payload = S.Combiner.Payload

  /// The result of a round: the model and the server's state after it, and the contributions.
  public struct Outcome: Sendable {
    public var model: ModelParameters
    public var serverState: S.ServerState
    /// The contributions in the order in which they were added to the aggregate.
    public var contributions: [Contribution]
    public var dropped: [DroppedSite]
    /// How far each update that came over a network changes a single value at most.
    public var changes: [SiteID: Float]
  }

  private let stage: TrainingStage<S>
  private let task: StageTask
  private var model: ModelParameters
  private var serverState: S.ServerState
  private var machine: RoundStateMachine
  /// The index of the stage whose time for answers is running; `nil` before the first stage.
  private var expected: Int?
  private var aggregator: S.Combiner
  /// Received updates, with the digests of their files. Each waits until all updates before it are in the
  /// aggregate.
  private var updates: [SiteID: (ReceivedUpdate<Payload>, digest: String?)] = [:]
  private var contributions: [Contribution] = []
  private var changes: [SiteID: Float] = [:]
  private var lastFailure: ConsiliumError?

  init(_ stage: TrainingStage<S>, _ task: StageTask, from input: consuming TrainingStage<S>.Input) {
    self.stage = stage
    self.task = task
    model = input.model
    serverState = input.serverState
    aggregator = stage.strategy.makeAggregator()
    machine = RoundStateMachine(
      plan: task.plan, required: task.required, minimum: task.minimum, concurrency: task.concurrency)
  }

  public mutating func take(_ event: StageEvent) throws -> [StageAction<Outcome>] {
    let before = machine.dropped.count
    var actions: [StageAction<Outcome>] = []
    let next: [RoundStateMachine.Action]
    switch event {
    case .begin: next = machine.start()
    case .answer(.message(let answer), current, let site):
      let update = try ReceivedUpdate<Payload>(answer, site: site, round: task.round)
      updates[site] = (update, answer.files[SiteUpdate<Payload>.tensor])
      actions.append(.note(.trained(site, update.summary)))
      next = machine.updateReceived(from: site)
    case .answer(.failure(let error), current, let site):
      try error.throwUnlessOfSite()
      lastFailure = error
      next = machine.siteFailed(site, reason: error.message)
    case .deadline(current):
      let time = stage.settings.deadline.map { "\($0)" } ?? "the time"
      next = machine.deadlineReached(reason: "it sent no update within \(time)")
      actions += machine.dropped[before...].map { .withdraw($0.site) }
    default: return []
    }
    actions += machine.dropped[before...].map { .note(.dropped($0.site, reason: $0.reason)) }
    try carryOut(next, &actions)
    return actions
  }

  private var current: Assignment.ID { .init(round: task.round, stage: machine.currentStage) }

  private mutating func carryOut(
    _ decided: [RoundStateMachine.Action], _ actions: inout [StageAction<Outcome>]
  ) throws {
    for action in decided {
      switch action {
      case .assign(let site):
        if expected != machine.currentStage {
          expected = machine.currentStage
          actions.append(.expect(current))
        }
        actions += [.note(.started(site)), .ask(site, assignment(for: site))]
      case .fold(let site): try fold(site)
      case .finishStage(let updates):
        guard updates > 0 else { continue }
        try finishStage()
        guard model.isFinite, serverState.isFinite else {
          actions.append(.fail(overflow))
          return
        }
      case .finishRound:
        actions.append(
          .finish(
            Outcome(
              model: model, serverState: serverState, contributions: contributions, dropped: machine.dropped,
              changes: changes)))
      case .fail(let reason):
        actions.append(
          .fail(
            ConsiliumError(
              .partial, "round \(task.round) of arm '\(stage.settings.arm)' failed: \(reason)",
              cause: lastFailure)))
      }
    }
  }

  /// Every update is in a range in which this does not happen, so no site is to blame.
  private var overflow: ConsiliumError {
    ConsiliumError(
      .partial,
      "round \(task.round) of arm '\(stage.settings.arm)' failed: the new model has values that are infinite or not a number, "
        + "although every update is in range; the initial weights or the settings of the workflow are too large"
    )
  }

  private func assignment(for site: SiteID) -> Assignment {
    let message = StageMessage.train(
      from: model, extra: NamedParts(stage.strategy.message(for: task.round, state: serverState)),
      learningRate: stage.settings.learningRate(task.round))
    return Assignment(id: current, message: message, previousRound: task.previousRounds[site])
  }

  private mutating func fold(_ site: SiteID) throws {
    guard let (received, digest) = updates.removeValue(forKey: site) else { return }
    contributions.append(
      Contribution(
        site: site, weight: received.update.weight, updateDigest: digest, summary: received.summary))
    if digest != nil { changes[site] = received.update.payload.magnitude }
    try aggregator.add(received.update)
  }

  private mutating func finishStage() throws {
    let finished = aggregator
    aggregator = stage.strategy.makeAggregator()
    try stage.advance(&model, &serverState, by: finished, round: task.round)
  }
}

extension ConsiliumError {
  /// Throws the error if it concerns the whole run, such as a cancelled task or a full disk. All other errors
  /// concern only one site.
  func throwUnlessOfSite() throws(ConsiliumError) {
    if code == .cancelled || code == .storage { throw self }
  }
}
