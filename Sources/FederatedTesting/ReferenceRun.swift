import FederatedCore

/// A run of a strategy's rounds without a runtime: all sites, one after another, in this process.
///
/// The laws are checked with this run. Tests compare the runtime's results with its results: the two share no
/// code, so they do not share errors.
public struct ReferenceRun<S: Strategy>: Sendable {
  public let strategy: S
  public let trainers: [ReferenceTrainer]
  public private(set) var model: ModelParameters
  public private(set) var serverState: S.ServerState
  public private(set) var siteStates: [S.SiteState]
  public private(set) var round = 0
  private let studySeed: UInt64 = 11
  private let learningRate = 0.05
  private let weighting: UpdateWeighting

  public init(strategy: S, trainers: [ReferenceTrainer], weighting: UpdateWeighting = .samples) {
    self.strategy = strategy
    self.trainers = trainers
    self.weighting = weighting
    model = trainers[0].initialModel
    serverState = strategy.initialServerState(for: model.layout)
    siteStates = trainers.map { strategy.initialSiteState(for: $0.initialModel.layout) }
  }

  func instruction(round: Int, site: SiteID) -> TrainingInstruction {
    TrainingInstruction(
      round: round, amount: .epochs(1), learningRate: learningRate,
      seed: RandomStream.seed(study: studySeed, purpose: .training, site: site, round: round),
      weighting: weighting)
  }

  public mutating func advance(to last: Int) async throws {
    while round < last {
      round += 1
      var aggregator = strategy.makeAggregator()
      for (index, trainer) in trainers.enumerated() {
        let site = SiteID("site-\(index)")
        var instruction = instruction(round: round, site: site)
        strategy.configure(&instruction)
        let local = try await strategy.contribute(
          trainer, from: model, instruction: instruction,
          message: strategy.message(for: round, state: serverState), state: &siteStates[index])
        try aggregator.add(
          ModelUpdate(site: site, round: round, payload: local.payload, weight: local.weight))
      }
      strategy.apply(
        try aggregator.finish(), to: &model, state: &serverState, round: round, siteCount: trainers.count)
    }
  }

  /// Takes over the state of a different run, as if the state had been stored and read back.
  mutating func resume(from other: Self) throws {
    (model, round) = (other.model, other.round)
    serverState = try NamedParts(other.serverState).group()
    siteStates = try other.siteStates.map { try NamedParts($0).group() }
  }

  func validationLoss() async throws -> Double {
    var loss = 0.0
    for trainer in trainers { loss += try await trainer.evaluate(model, on: .validation).loss ?? .infinity }
    return loss / Double(trainers.count)
  }
}
