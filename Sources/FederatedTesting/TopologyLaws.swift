import FederatedCore

/// Laws that every topology must satisfy.
public struct TopologyLaws: Sendable {
  let topology: any Topology
  /// The number of rounds within which every one of a number of sites takes part.
  let rounds: @Sendable (_ sites: Int) -> Int

  /// - Parameter rounds: The number of rounds within which every one of a number of sites takes part. By
  ///   default, everyone takes part in every round.
  public init(
    _ topology: any Topology, everyoneWithin rounds: @escaping @Sendable (_ sites: Int) -> Int = { _ in 1 }
  ) {
    self.topology = topology
    self.rounds = rounds
  }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() throws {
    try expect(
      topology.plan(round: 1, participants: []).stages.allSatisfy(\.members.isEmpty),
      "a plan for nobody has members")
    for count in 1...7 {
      let participants = (0..<count).map { SiteID("site-\($0)") }
      let plans = (1...count).map { topology.plan(round: $0, participants: participants) }
      for (plan, round) in zip(plans, 1...) {
        try nobodyAppearsTwice(plan, participants)
        try noStrangerAppears(plan, participants)
        try everyStageHasACoordinator(plan)
        try expect(
          plan == topology.plan(round: round, participants: participants), "round \(round) has two plans")
      }
      try everyoneTakesPart(participants)
      try everyoneIsConnected(plans, participants)
    }
  }

  private func nobodyAppearsTwice(_ plan: ExchangePlan, _ participants: [SiteID]) throws {
    for site in participants {
      let times = plan.members.count { $0 == site }
      try expect(times <= 1, "'\(site)' of \(participants.count) appears \(times) times")
    }
  }

  /// Everyone takes part in the first rounds, in as many rounds after them, and so on.
  private func everyoneTakesPart(_ participants: [SiteID]) throws {
    let length = rounds(participants.count)
    for first in stride(from: 1, through: 5 * length, by: length) {
      let members = (first..<first + length).flatMap {
        topology.plan(round: $0, participants: participants).members
      }
      for site in participants {
        try expect(
          members.contains(site), "'\(site)' takes no part in rounds \(first) to \(first + length - 1)")
      }
    }
  }

  private func everyStageHasACoordinator(_ plan: ExchangePlan) throws {
    for stage in plan.stages {
      try expect(!stage.coordinators.isEmpty, "a stage has no coordinator")
      try expect(
        Set(stage.coordinators).count == stage.coordinators.count, "a stage names a coordinator twice")
    }
  }

  private func noStrangerAppears(_ plan: ExchangePlan, _ participants: [SiteID]) throws {
    for stage in plan.stages {
      var named = stage.members
      for case .site(let site) in stage.coordinators { named.append(site) }
      for site in named { try expect(participants.contains(site), "'\(site)' is not a participant") }
    }
  }

  /// Within as many rounds as there are participants, the training of each participant must be able to
  /// influence every other participant.
  private func everyoneIsConnected(_ plans: [ExchangePlan], _ participants: [SiteID]) throws {
    var groups = Set(participants.map { Set([Node.site($0)]) })
    func join(_ nodes: Set<Node>) {
      let touched = groups.filter { !$0.isDisjoint(with: nodes) }
      groups.subtract(touched)
      groups.insert(touched.reduce(nodes) { $0.union($1) })
    }
    for plan in plans {
      for stage in plan.stages { join(Set(stage.members.map(Node.site)).union(stage.coordinators)) }
      for (before, after) in zip(plan.stages, plan.stages.dropFirst()) {
        join(Set(before.coordinators + after.coordinators))
      }
    }
    try expect(
      groups.count == 1, "\(participants.count) participants stay in \(groups.count) separate groups")
  }
}
