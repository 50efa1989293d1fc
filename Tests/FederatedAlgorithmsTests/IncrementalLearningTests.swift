import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import Synchronization
import Testing

struct IncrementalLearningTests {
  private static let layout = ParameterLayout(entries: [.init(name: "w", shape: [1])])

  /// Each turn adds 1 to the only parameter; its validation losses are given.
  private final class Scripted: LocalTrainer {
    let losses: [Double?]
    let seeds = Mutex<[UInt64]>([])

    init(_ losses: [Double?]) { self.losses = losses }

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    {
      seeds.withLock { $0.append(instruction.seed) }
      return LocalResult(
        delta: ModelParameters(layout: layout, values: [1]),
        summary: TrainingSummary(exampleCount: 8, stepCount: 3, loss: 0.5, seconds: 2))
    }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      let turn = Int(model.values[0] - 10) - 1
      return SiteEvaluation(patientCount: 4, exampleCount: 4, loss: losses[turn], metrics: [])
    }
  }

  private func contribution(
    _ losses: [Double?], patience: Int, mostTurns: Int = 10, minimumChange: Double = 0
  ) async throws -> (turns: Int, best: Float, summary: TrainingSummary, seeds: [UInt64]) {
    let trainer = Scripted(losses)
    let strategy = IncrementalLearning(
      patience: patience, mostTurns: mostTurns, minimumChange: minimumChange)
    var state = NoParameters()
    let local = try await strategy.contribute(
      trainer, from: ModelParameters(layout: Self.layout, values: [10]),
      instruction: TrainingInstruction(round: 1, amount: .epochs(1), learningRate: 0.1, seed: 5),
      message: NoParameters(), state: &state)
    let seeds = trainer.seeds.withLock { $0 }
    return (seeds.count, local.payload.values[0], local.summary, seeds)
  }

  /// The losses of the turns, the patience, the number of turns and the best of them.
  @Test(
    arguments: [
      ([3, 2, 1, 1.5, 1.2, 0.5], 2, 5, 3), ([3, 2, 1, 1.5, 0.9, 2, 3], 2, 7, 5), ([3, 4, 1], 1, 2, 1),
      ([3, 3, 3], 2, 3, 1), ([3, 2, .infinity, 1, 2, 2], 2, 6, 4), ([2, .nan, .nan], 2, 3, 1),
    ] as [([Double], Int, Int, Int)])
  func aSiteStopsOnceItsPatienceEnds(losses: [Double], patience: Int, turns: Int, best: Int) async throws {
    let found = try await contribution(losses, patience: patience)
    #expect(found.turns == turns)
    #expect(found.best == Float(best))
    #expect(found.summary.stepCount == 3 * turns)
    #expect(found.summary.seconds == Double(2 * turns))
    #expect(found.summary.exampleCount == 8)
  }

  @Test func turnsAreLimited() async throws {
    let found = try await contribution([5, 4, 3, 2], patience: 3, mostTurns: 4)
    #expect(found.turns == 4 && found.best == 4)
    #expect(Set(found.seeds).count == 4, "each turn shuffles differently")
    #expect(found.seeds.first == 5)
  }

  @Test func smallImprovementsDoNotCount() async throws {
    let found = try await contribution([5, 4.9, 4.8, 1], patience: 2, minimumChange: 0.25)
    #expect(found.turns == 3 && found.best == 1)
  }

  /// Without validation data no turn is better than another, so the site trains to the end.
  @Test func aSiteWithoutValidationMakesAllTurns() async throws {
    let found = try await contribution([nil, nil, nil, nil], patience: 1, mostTurns: 4)
    #expect(found.turns == 4 && found.best == 4)
  }

  @Test func aSingleTurnIsCyclicalWeightTransfer() async throws {
    var (one, average) = (
      ReferenceRun(
        strategy: IncrementalLearning(patience: 3, mostTurns: 1), trainers: ReferenceTrainer.sites(3)),
      ReferenceRun(strategy: FedAvg(), trainers: ReferenceTrainer.sites(3))
    )
    try await one.advance(to: 3)
    try await average.advance(to: 3)
    #expect(one.model == average.model)
  }

  /// The laws compare a strategy with a single turn of local training.
  @Test func theLawsOfStrategiesHold() async throws {
    try await StrategyLaws(IncrementalLearning(patience: 2, mostTurns: 1), averages: true).check()
  }
}
