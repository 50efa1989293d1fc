import FederatedCore
import FederatedTesting
import Testing

@testable import SiteAgent

/// The site evaluates its own model in a rehearsal, because its update leaves as zeros.
struct RehearsalTrainerTests {
  private let base = ReferenceTrainer(.linear(inputs: 3), examples: 24, seed: 1)

  private func instruction(rate: Double) -> TrainingInstruction {
    TrainingInstruction(round: 1, amount: .steps(1), learningRate: rate, seed: 1)
  }

  /// Collects the loss of every model that is evaluated.
  private actor Evaluations {
    var losses: [Double] = []
    func add(_ loss: Double) { losses.append(loss) }
  }

  private struct Recorder: LocalTrainer {
    let base: ReferenceTrainer
    let evaluations: Evaluations

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    {
      try await base.train(from: global, following: instruction)
    }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      let result = try await base.evaluate(model, on: part)
      await evaluations.add(result.loss ?? .nan)
      return result
    }
  }

  @Test func ownModelIsEvaluatedOnceBeforeTheSharedOne() async throws {
    let evaluations = Evaluations()
    let trainer = RehearsalTrainer(base: Recorder(base: base, evaluations: evaluations))
    let global = base.initialModel
    let result = try await trainer.train(from: global, following: instruction(rate: 0.1))
    #expect(await evaluations.losses.isEmpty)
    let shared = try await trainer.evaluate(global, on: .validation)
    _ = try await trainer.evaluate(global, on: .validation)
    var own = global
    own.add(result.delta)
    let expected = try await base.evaluate(own, on: .validation).loss
    #expect(await evaluations.losses == [expected, shared.loss, shared.loss])
    #expect(expected != shared.loss)
  }
}
