import FederatedCore

/// The run of one arm as a swarm: the same rounds as those of a ``Federation``, without a coordinator.
///
/// Each member is a task that sees only the register, the relay and its own data. The model after each round
/// is the one that a coordinator computes, to the bit.
public struct SwarmFederation<S: Strategy, Trainer: LocalTrainer>: Sendable {
  public typealias Member = Federation<S, Trainer>.Member

  private let arm: SwarmArm<S>
  private let members: [Member]
  private let journal: any RoundJournal
  private let events: RunEventHandler
  private let clock: any SwarmClock
  private let register: @Sendable (SiteID) -> any SwarmRegister
  private let relay: @Sendable (SiteID) -> any SwarmRelay

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the settings contradict each other or do not
  ///   fit the members, or if the topology is not a star.
  public init(
    settings: FederationSettings, strategy: S, topology: any Topology, members: [Member],
    swarm: SwarmSettings, journal: any RoundJournal = InMemoryJournal(),
    events: @escaping RunEventHandler = { _ in }
  ) throws(ConsiliumError) {
    // The members are in this process, so no lease need end: a clock that stands still keeps a busy machine
    // from changing who merges.
    let clock = ManualSwarmClock()
    let (register, relay) = (InMemoryRegister(clock: clock), InMemoryRelay())
    try self.init(
      settings: settings, strategy: strategy, topology: topology, members: members, swarm: swarm,
      journal: journal, events: events, clock: clock, register: { _ in register }, relay: { _ in relay })
  }

  /// - Parameters:
  ///   - register: A member's access to the register.
  ///   - relay: A member's access to the relay.
  public init(
    settings: FederationSettings, strategy: S, topology: any Topology, members: [Member],
    swarm: SwarmSettings, journal: any RoundJournal, events: @escaping RunEventHandler,
    clock: any SwarmClock, register: @escaping @Sendable (SiteID) -> any SwarmRegister,
    relay: @escaping @Sendable (SiteID) -> any SwarmRelay
  ) throws(ConsiliumError) {
    arm = try SwarmArm(
      settings: settings, strategy: strategy, topology: topology,
      trainers: members.filter(\.trains).map(\.site),
      validators: members.filter(\.validates).map(\.site), swarm: swarm)
    let absent = Set(swarm.mergers).subtracting(members.map(\.site))
    guard absent.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "arm '\(settings.arm)': the merger '\(absent.sorted()[0])' is not one of \(members.map(\.site.rawValue).sorted().joined(separator: ", "))"
      )
    }
    self.members = members.sorted { $0.site < $1.site }
    self.journal = journal
    self.events = events
    self.clock = clock
    self.register = register
    self.relay = relay
  }

  /// Runs all rounds that are not yet in the journal, from `initial` or from the last committed round.
  ///
  /// - Throws: ``ConsiliumError``, as ``Federation/run(from:)`` does, and `.partial` if a deputy disputes a
  ///   merger's result.
  public func run(from initial: ModelParameters) async throws -> FederationOutcome {
    do {
      let start = try await start(from: initial)
      let stages = StageRegistry(of: arm.strategy, settings: arm.settings)
      let sessions = members.map { member in
        SiteSession(
          site: member.site, stages: stages, trainer: member.trainer, gate: member.gate,
          memory: NamedParts(start.siteState(member.site, arm.strategy)))
      }
      let recorder = SwarmRecorder<S>(
        arm.settings, after: start.round, sessions: sessions, journal: journal, events: events)
      events(
        .armStarted(
          arm: arm.settings.arm, sites: arm.trainers, rounds: arm.settings.rounds, resumedAfter: start.round))
      let end = try await withThrowingTaskGroup(of: ArmState<S>.self) { group in
        for session in sessions {
          let member = member(session, recorder)
          group.addTask { try await member.run(start) }
        }
        var end = start
        for try await state in group { end = state }
        return end
      }
      return try await FederationOutcome(end, settings: arm.settings, journal: journal, events: events)
    } catch {
      throw ConsiliumError(wrapping: Task.isCancelled ? CancellationError() : error)
    }
  }

  private func start(from initial: ModelParameters) async throws -> ArmState<S> {
    let last = try await journal.lastCheckpoint(of: arm.settings.arm)
    var start = try ArmState(last, initial: initial, strategy: arm.strategy, members: members.map(\.site))
    for record in try await journal.records(of: arm.settings.arm) where record.round <= start.round {
      start.note(record)
    }
    return start
  }

  private func member(_ session: SiteSession, _ recorder: SwarmRecorder<S>) -> SwarmMember<S> {
    var member = SwarmMember(
      arm, session: session,
      SwarmLink(register: register(session.site), relay: relay(session.site), clock: clock), events: events)
    member.roundBegins = { await recorder.begin($0) }
    member.roundEnds = { try await recorder.end($0, $1) }
    return member
  }
}
