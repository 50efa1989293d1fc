import FederatedCore
import Foundation
import StudyProtocol
import Synchronization
import Testing

@testable import SiteAgent

/// A site trains and evaluates only during the hours of its policy.
struct PolicyTrainerTests {
  private struct Counting: LocalTrainer {
    let calls = Calls()

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    {
      calls.count.withLock { $0 += 1 }
      return LocalResult(
        delta: global, summary: TrainingSummary(exampleCount: 40, stepCount: 5, loss: 0.5, seconds: 2))
    }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      calls.count.withLock { $0 += 1 }
      return SiteEvaluation(patientCount: 3, exampleCount: 40, loss: 0.4, metrics: [])
    }
  }

  private final class Calls: Sendable {
    let count = Mutex(0)
  }

  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [1])]))
  private let instruction = TrainingInstruction(round: 1, amount: .steps(5), learningRate: 0.1, seed: 1)

  /// The gate decides what may leave; this trainer changes nothing.
  @Test func withinTheHoursResultsAreUnchanged() async throws {
    let trainer = PolicyTrainer(
      base: Counting(), policy: SitePolicy(release: .init(perSiteMetrics: false)), now: { Date() })
    let trained = try await trainer.train(from: model, following: instruction)
    #expect(trained.delta == model && trained.summary.loss == 0.5)
    #expect(try await trainer.evaluate(model, on: .test).loss == 0.4)
  }

  @Test func outsideTheHoursNothingRuns() async throws {
    let window = try #require(TrainingHours.Window("18:00-19:00"))
    let base = Counting()
    let noon = try #require(Calendar.current.date(bySettingHour: 12, minute: 0, second: 0, of: Date()))
    let trainer = PolicyTrainer(
      base: base, policy: SitePolicy(hours: TrainingHours(windows: [window])), now: { noon })
    let training = Task { try await trainer.train(from: model, following: instruction) }
    let evaluating = Task { try await trainer.evaluate(model, on: .test) }
    training.cancel()
    evaluating.cancel()
    await #expect(throws: CancellationError.self) { try await training.value }
    await #expect(throws: CancellationError.self) { try await evaluating.value }
    #expect(base.calls.count.withLock { $0 } == 0)
  }
}
