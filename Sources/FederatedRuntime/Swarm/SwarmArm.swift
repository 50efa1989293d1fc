import FederatedCore

/// An arm of a swarm: everything that its members have in common.
struct SwarmArm<S: Strategy>: Sendable {
  let settings: FederationSettings
  let strategy: S
  let topology: any Topology
  /// The sites that train, in order.
  let trainers: [SiteID]
  /// The sites that validate, in order.
  let validators: [SiteID]
  let swarm: SwarmSettings

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the settings contradict each other, do not fit
  ///   the sites, or the topology is not a star.
  init(
    settings: FederationSettings, strategy: S, topology: any Topology, trainers: [SiteID],
    validators: [SiteID], swarm: SwarmSettings
  ) throws(ConsiliumError) {
    self.trainers = trainers.sorted()
    self.validators = validators.sorted()
    var settings = settings
    settings.siteCount = trainers.count
    // A site of a swarm begins by itself, so nobody limits how many train at once.
    settings.concurrentSites = .max
    self.settings = settings
    self.strategy = strategy
    self.topology = topology
    self.swarm = swarm
    try settings.check(members: self.trainers)
    func refuse(_ fault: String) -> ConsiliumError {
      ConsiliumError(.invalidInput, "arm '\(settings.arm)': \(fault)")
    }
    guard topology.plan(round: 1, participants: self.trainers).stages.count == 1 else {
      throw refuse("in a swarm all sites train side by side, but the models of this arm go from site to site")
    }
    guard !swarm.mergers.isEmpty, Set(swarm.mergers).count == swarm.mergers.count else {
      throw refuse("a swarm needs at least one merger, each named once")
    }
    guard swarm.witnesses >= 0, swarm.lease > .zero else {
      throw refuse("a swarm needs a lease of more than 0 seconds and not fewer than 0 witnesses")
    }
  }

  /// The order of the mergers of a round.
  func mergers(ofRound round: Int) -> [SiteID] {
    MergerOrder(study: swarm.study, arm: settings.arm, mergers: swarm.mergers).order(ofRound: round)
  }

  func keys(ofRound round: Int) -> SwarmRoundKeys {
    SwarmRoundKeys(study: swarm.study, arm: settings.arm, round: round)
  }

  func shouldStop(_ state: ArmState<S>) -> Bool {
    state.round >= settings.rounds || settings.selection?.shouldStop(state.selection) ?? false
  }
}
