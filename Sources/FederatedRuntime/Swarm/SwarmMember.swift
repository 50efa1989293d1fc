import FederatedCore
import ParameterFiles

/// A member of a swarm: a site that trains, validates and, if it is its turn, merges, without a coordinator.
///
/// The model after a round is a function of the model before it and of the set of updates that count, so all
/// members that compute it get the same bits. They agree only on the set: it is one entry of the register,
/// which the merger of the round creates. A member that stops at any point can start again: it reads the
/// register and continues.
public struct SwarmMember<S: Strategy>: Sendable {
  let arm: SwarmArm<S>
  let session: SiteSession
  let link: SwarmLink
  let events: RunEventHandler
  /// Called when this member enters a round.
  var roundBegins: @Sendable (_ round: Int) async -> Void = { _ in }
  /// Called after each round, before this member begins the next one.
  ///
  /// Returns the model, mapped from its stored file; `nil` if there is no such file.
  var roundEnds: @Sendable (RoundRecord, ArmState<S>) async throws -> ModelParameters? = { _, _ in nil }

  init(
    _ arm: SwarmArm<S>, session: SiteSession, _ link: SwarmLink,
    events: @escaping RunEventHandler = { _ in }
  ) {
    self.arm = arm
    self.session = session
    self.link = link
    self.events = events
  }

  /// - Parameters:
  ///   - trainers: The sites that train.
  ///   - validators: The sites that validate the model of a round.
  ///   - session: The work of this member as a site.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the settings contradict each other, do not fit
  ///   the sites, or the topology is not a star.
  public init(
    settings: FederationSettings, strategy: S, topology: any Topology, trainers: [SiteID],
    validators: [SiteID], swarm: SwarmSettings, session: SiteSession, register: any SwarmRegister,
    relay: any SwarmRelay, clock: any SwarmClock, events: @escaping RunEventHandler = { _ in }
  ) throws(ConsiliumError) {
    self.init(
      try SwarmArm(
        settings: settings, strategy: strategy, topology: topology, trainers: trainers,
        validators: validators, swarm: swarm),
      session: session, SwarmLink(register: register, relay: relay, clock: clock), events: events)
  }

  /// Takes part in all rounds that are not yet in the register.
  ///
  /// - Returns: The model after the last round.
  /// - Throws: ``ConsiliumError``: `.partial` if a round cannot be completed as the study requires or a deputy
  ///   disputes a merger's result, `.cancelled` if the task was cancelled.
  public func run(from initial: ModelParameters) async throws -> ModelParameters {
    do {
      return try await run(
        try ArmState(nil, initial: initial, strategy: arm.strategy, members: [])
      ).model
    } catch {
      throw ConsiliumError(wrapping: Task.isCancelled ? CancellationError() : error)
    }
  }

  func run(_ start: ArmState<S>) async throws -> ArmState<S> {
    var state = start
    var result = SwarmModel(
      model: ParameterDigest.sha256(of: state.model), state: nil, merger: session.site)
    try await catchUp(&state, &result)
    while !arm.shouldStop(state) {
      try Task.checkCancellation()
      await roundBegins(state.round + 1)
      let round = try SwarmRound(
        arm, session: session, link, after: state, base: result.model, baseState: result.state,
        events: events)
      try await round.run()
      try await catchUp(&state, &result)
    }
    return state
  }

  /// Takes over the rounds in the register after `state`.
  private func catchUp(_ state: inout ArmState<S>, _ result: inout SwarmModel) async throws {
    var rounds: [(RoundRecord, SwarmModel)] = []
    while true {
      while let round = try await ended(state.round + rounds.count + 1) { rounds.append(round) }
      guard let (record, model) = rounds.last else { return }
      // A model that is gone was replaced by that of the next round.
      guard let parts = try await link.parts(model.model) else {
        try await link.sleep()
        continue
      }
      if let digest = model.state {
        guard let group = try await link.parts(digest) else {
          try await link.sleep()
          continue
        }
        state.serverState = try group.group()
      }
      for (record, _) in rounds { state.note(record) }
      (state.model, state.round, state.selection) = (try parts.model(), record.round, record.selection)
      result = model
      if let stored = try await roundEnds(record, state) { state.model = stored }
      rounds = []
    }
  }

  /// The record of a round and its result; `nil` if the round has not ended.
  ///
  /// - Throws: The reason for which the round failed.
  private func ended(_ round: Int) async throws -> (RoundRecord, SwarmModel)? {
    let keys = arm.keys(ofRound: round)
    guard round <= arm.settings.rounds, let entry = try await link.entry(at: keys.record) else { return nil }
    let ending = try SwarmEnding(entry)
    if let failure = ending.failure { throw failure.error }
    guard let record = ending.record, let entry = try await link.entry(at: keys.model) else {
      throw ConsiliumError(
        .invalidUpdate, "round \(round) of arm '\(arm.settings.arm)' has ended without a record and a model")
    }
    return (record, try SwarmModel(entry))
  }
}
