import FederatedCore

/// Laws that every strategy must satisfy, checked on small regressions with the reference trainer.
public struct StrategyLaws<S: Strategy>: Sendable {
  let strategy: S
  let averages: Bool
  let rounds: Int

  /// - Parameters:
  ///   - averages: Whether the server adopts the update of a single site unchanged, as averaging does; false
  ///     for a server with its own optimizer.
  ///   - rounds: The number of rounds that the strategy needs on an easy problem.
  public init(_ strategy: S, averages: Bool, rounds: Int = 40) {
    self.strategy = strategy
    self.averages = averages
    self.rounds = rounds
  }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() async throws {
    if averages { try await oneSiteIsLocalTraining() }
    try await convergesOnAQuadratic()
    try await statesRoundTrip()
    try await aResumedRunIsTheSame()
  }

  private func oneSiteIsLocalTraining() async throws {
    let trainer = ReferenceTrainer(.linear(inputs: 3), seed: 4)
    var run = ReferenceRun(strategy: strategy, trainers: [trainer])
    try await run.advance(to: 5)
    var model = trainer.initialModel
    for round in 1...5 {
      var instruction = run.instruction(round: round, site: SiteID("site-0"))
      strategy.configure(&instruction)
      model.add(try await trainer.train(from: model, following: instruction).delta)
    }
    let distance = run.model.relativeDistance(to: model)
    try expect(distance < 1e-5, "one site differs from local training by \(distance)")
  }

  private func convergesOnAQuadratic() async throws {
    let trainers = (0..<3).map {
      ReferenceTrainer(.linear(inputs: 3), examples: 30 + 10 * $0, seed: UInt64($0))
    }
    var run = ReferenceRun(strategy: strategy, trainers: trainers)
    let before = try await run.validationLoss()
    try await run.advance(to: rounds)
    let after = try await run.validationLoss()
    try expect(run.model.isFinite, "the model is not finite after \(rounds) rounds")
    try expect(after < before / 50, "the loss went from \(before) to \(after) in \(rounds) rounds")
  }

  private func statesRoundTrip() async throws {
    var run = ReferenceRun(strategy: strategy, trainers: ReferenceTrainer.sites(3))
    try await run.advance(to: 2)
    try roundTrips(run.serverState, "server state")
    for state in run.siteStates { try roundTrips(state, "site state") }
    try roundTrips(strategy.message(for: 3, state: run.serverState), "message")
  }

  private func roundTrips<Group: ParameterGroup>(_ group: Group, _ what: String) throws {
    let again: Group = try NamedParts(group).group()
    try expect(NamedParts(again) == NamedParts(group), "the \(what) changes when it is stored")
    try expect(
      Set(Group.partNames).count == group.parts.count, "the \(what) has parts without their own names")
    var visited = 0
    var copy = group
    copy.updateParts { index, _ in visited += index == visited ? 1 : 0 }
    try expect(visited == group.parts.count, "the \(what) does not visit its parts in order")
  }

  private func aResumedRunIsTheSame() async throws {
    let trainers = ReferenceTrainer.sites(3)
    var whole = ReferenceRun(strategy: strategy, trainers: trainers)
    try await whole.advance(to: 6)
    var first = ReferenceRun(strategy: strategy, trainers: trainers)
    try await first.advance(to: 3)
    var second = ReferenceRun(strategy: strategy, trainers: trainers)
    try second.resume(from: first)
    try await second.advance(to: 6)
    try expect(second.model == whole.model, "a resumed run differs from an uninterrupted one")
  }
}
