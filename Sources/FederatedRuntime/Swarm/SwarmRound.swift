import FederatedCore
import ParameterFiles

/// One round of a swarm at one member: it trains and validates as a site, and merges and checks if it is its
/// turn. A member knows only the register, the relay and its own session.
struct SwarmRound<S: Strategy>: Sendable {
  typealias Payload = S.Combiner.Payload

  let arm: SwarmArm<S>
  let session: SiteSession
  let link: SwarmLink
  /// The state of the arm before the round.
  let state: ArmState<S>
  /// The digest of the model before the round.
  let base: String
  /// The digest of the strategy's state at the server before the round; `nil` if it is not on the relay.
  let baseState: String?
  let board: SwarmBoard
  let events: RunEventHandler
  /// The arm's settings, with the weights of earlier rounds.
  let settings: FederationSettings
  let task: StageTask
  let training: TrainingStage<S>
  /// The question that each site of the round answers. All members derive the same questions.
  let questions: [SiteID: Assignment]

  init(
    _ arm: SwarmArm<S>, session: SiteSession, _ link: SwarmLink, after state: ArmState<S>, base: String,
    baseState: String?, events: @escaping RunEventHandler
  ) throws {
    self.arm = arm
    self.session = session
    self.link = link
    self.state = state
    self.base = base
    self.baseState = baseState
    self.events = events
    let round = state.round + 1
    board = SwarmBoard(arm.keys(ofRound: round), link)
    (settings, task) = state.task(
      ofRound: round, settings: arm.settings, arm.strategy, arm.topology, participants: arm.trainers)
    training = TrainingStage(arm.strategy, settings: settings)
    var coordinator = training.makeCoordinator(
      for: task, from: .init(model: state.model, serverState: state.serverState))
    var questions: [SiteID: Assignment] = [:]
    for case .ask(let site, let assignment) in try coordinator.take(.begin) { questions[site] = assignment }
    self.questions = questions
  }

  var site: SiteID { session.site }
  var round: Int { task.round }
  var keys: SwarmRoundKeys { board.keys }

  /// Does this member's part until the round has ended: until its record exists.
  ///
  /// - Throws: ``ConsiliumError`` with code `.partial` if a deputy disputes the merger's result.
  func run() async throws {
    // Whether the round has ended, by each part that this member does.
    try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        try await board.follow()
        return true
      }
      group.addTask {
        try await offer()
        try await validate()
        return false
      }
      if arm.swarm.mergers.contains(site) {
        group.addTask {
          try await lead()
          return false
        }
        group.addTask {
          try await witness()
          return false
        }
      }
      group.addTask { try await ending() }
      while let hasEnded = try await group.next(), !hasEnded {}
    }
  }

  private func ending() async throws -> Bool {
    try await board.first { view in
      try refuseDisputes(in: view)
      return view.entries[keys.record] == nil ? nil : true
    }
  }

  private func refuseDisputes(in view: SwarmBoard.View) throws {
    guard let result: SwarmModel = try view.content(at: keys.model) else { return }
    for (deputy, entry) in view.entries(keys.deputy) {
      guard let witness = try? SwarmWitness(entry), !witness.confirms(result) else { continue }
      throw ConsiliumError(
        .partial,
        "round \(round) of arm '\(settings.arm)' was merged wrongly: the deputy '\(deputy)' computed another model from the "
          + "same updates than the merger '\(result.merger)' published. One of the two runs a changed program; the study "
          + "stops, and the model of the round before it is the last that counts"
      )
    }
  }
}

extension ArmState {
  /// A round of training after this state, with the weights that count in it.
  func task(
    ofRound round: Int, settings: FederationSettings, _ strategy: S, _ topology: any Topology,
    participants: [SiteID]
  ) -> (FederationSettings, StageTask) {
    var settings = settings
    settings.earlierWeights = weights
    var plan = topology.plan(round: round, participants: participants)
    plan.weights = settings.weights.mapValues(strategy.agreedWeight).merging(weights) { $1 }
    let task = StageTask(
      round: round, plan: plan, required: settings.required, minimum: settings.minimumSites,
      concurrency: settings.concurrentSites, previousRounds: contributed)
    return (settings, task)
  }
}
