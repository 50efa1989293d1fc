import FederatedCore

/// Institutional incremental learning: a site trains the model until its own validation loss no longer
/// improves, and then passes on the model of its best turn (Sheller et al. 2018, 2020).
///
/// A *turn* is the study's amount of training in a round, usually one pass over the site's training data. The
/// optimizer starts afresh in each turn, as it does in each round. With one turn at most, this is cyclical
/// weight transfer, bit for bit. Validation at the site decides only the site's own end; its loss is not sent
/// for this purpose.
public struct IncrementalLearning: Strategy {
  /// The number of turns without improvement after which the site stops.
  public let patience: Int
  /// The largest number of turns.
  public let mostTurns: Int
  /// The amount by which the loss must fall to be an improvement.
  public let minimumChange: Double

  /// - Precondition: `patience` and `mostTurns` are at least 1, and `minimumChange` is not negative.
  public init(patience: Int, mostTurns: Int, minimumChange: Double = 0) {
    precondition(patience >= 1 && mostTurns >= 1, "\(patience) and \(mostTurns) turns")
    precondition(minimumChange >= 0, "the minimum change is \(minimumChange)")
    self.patience = patience
    self.mostTurns = mostTurns
    self.minimumChange = minimumChange
  }

  public func contribute(
    _ trainer: some LocalTrainer, from global: ModelParameters, instruction: TrainingInstruction,
    message: NoParameters, state: inout NoParameters
  ) async throws -> LocalContribution<ModelParameters> {
    var turns = try await Turns(trainer.train(from: global, following: instruction))
    if mostTurns > 1 { try await turns.note(loss(trainer, global, turns.last), minimumChange) }
    while turns.count < mostTurns, turns.sinceBest < patience {
      var next = instruction
      next.seed = RandomStream.seed(study: instruction.seed, purpose: .training, item: turns.count)
      var model = global
      model.add(turns.last)
      turns.add(try await trainer.train(from: model, following: next))
      try await turns.note(loss(trainer, global, turns.last), minimumChange)
    }
    return LocalContribution(
      payload: turns.best, weight: instruction.weighting.weight(of: turns.summary), summary: turns.summary)
  }

  /// The validation loss after a change of the model; `nil` if the site has no validation data.
  private func loss(_ trainer: some LocalTrainer, _ global: ModelParameters, _ change: ModelParameters)
    async throws -> Double?
  {
    var model = global
    model.add(change)
    return try await trainer.evaluate(model, on: .validation).loss
  }
}

/// The turns of one site so far.
private struct Turns {
  private(set) var count = 1
  private(set) var sinceBest = 0
  /// The change of the model after all turns.
  private(set) var last: ModelParameters
  /// The change of the model after the best turn. Without validation, the last turn is the best.
  private(set) var best: ModelParameters
  private(set) var summary: TrainingSummary
  private var bestLoss: Double?

  init(_ first: LocalResult) {
    last = first.delta
    best = first.delta
    summary = first.summary
  }

  mutating func add(_ result: LocalResult) {
    count += 1
    last.add(result.delta)
    let seconds = summary.seconds + result.summary.seconds
    let steps = summary.stepCount + result.summary.stepCount
    // The patients behind the last turn are at most those behind all turns, so a gate that counts them is on
    // the safe side.
    summary = result.summary
    summary.seconds = seconds
    summary.stepCount = steps
  }

  /// Compares the last turn with the best one.
  mutating func note(_ loss: Double?, _ minimumChange: Double) {
    guard let loss, let bestLoss, bestLoss - loss <= minimumChange || !loss.isFinite else {
      best = last
      bestLoss = loss ?? bestLoss
      sinceBest = 0
      return
    }
    sinceBest += 1
  }
}
