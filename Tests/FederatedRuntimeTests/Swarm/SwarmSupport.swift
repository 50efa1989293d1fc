import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting

/// The access of each member to register and relay; by default all share one of each.
struct SwarmPorts {
  let clock = ManualSwarmClock()
  let register: InMemoryRegister
  let relay = InMemoryRelay()
  /// Replaces a member's access to the register.
  var registerOf: @Sendable (SiteID, InMemoryRegister, InMemoryRelay) -> any SwarmRegister = {
    _, register, _ in register
  }

  init() { register = InMemoryRegister(clock: clock) }
}

/// The arm of `federation(_:over:sites:rounds:journal:adjust:events:)` as a swarm.
func swarm<S: Strategy>(
  _ strategy: S, over topology: any Topology = Star(), sites: Int = 3, rounds: Int = 4,
  mergers: [String]? = nil, witnesses: Int = 1, journal: any RoundJournal = InMemoryJournal(),
  ports: SwarmPorts = SwarmPorts(), adjust: (inout FederationSettings) -> Void = { _ in },
  trainer: (Int, ReferenceTrainer) -> any LocalTrainer = { $1 },
  events: @escaping RunEventHandler = { _ in }
) throws -> SwarmFederation<S, AnyTrainer> {
  let members = ReferenceTrainer.sites(sites).enumerated().map {
    SwarmFederation<S, AnyTrainer>.Member(
      site: SiteID("site-\($0.offset)"), trainer: AnyTrainer(trainer($0.offset, $0.element)))
  }
  var settings = FederationSettings(
    arm: "arm", rounds: rounds, learningRate: { _ in 0.05 }, seed: 11,
    required: Set(members.map(\.site)), minimumSites: 1,
    selection: ModelSelection(metric: "loss", higherIsBetter: false))
  adjust(&settings)
  let (register, relay, registerOf) = (ports.register, ports.relay, ports.registerOf)
  return try SwarmFederation(
    settings: settings, strategy: strategy, topology: topology, members: members,
    swarm: SwarmSettings(
      study: "study", mergers: mergers?.map { SiteID($0) } ?? members.map(\.site), witnesses: witnesses),
    journal: journal, events: events, clock: ports.clock, register: { registerOf($0, register, relay) },
    relay: { _ in relay })
}

/// A trainer of any type.
struct AnyTrainer: LocalTrainer {
  let base: any LocalTrainer

  init(_ base: any LocalTrainer) { self.base = base }

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    try await base.train(from: global, following: instruction)
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    try await base.evaluate(model, on: part)
  }
}

extension RoundRecord {
  /// The record without the wall time and without the digests of updates, which a federation in one process
  /// does not compute.
  var local: RoundRecord {
    var record = timeless
    for index in record.contributions.indices { record.contributions[index].updateDigest = nil }
    return record
  }
}
