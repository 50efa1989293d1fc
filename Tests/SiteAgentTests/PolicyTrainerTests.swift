import FederatedCore
import Foundation
import StudyProtocol
import Synchronization
import Testing
import WorkerProtocol

@testable import SiteAgent

/// What a site's policy keeps at home does not leave; what goes wrong there is told in the site's own log, not to the others.
struct PolicyTrainerTests {
  private struct Failing: LocalTrainer {
    let error: ConsiliumError

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    { throw error }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation { throw error }
  }

  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [1])]))

  /// The errors of training and of evaluating, and what was logged.
  private func fail(with error: ConsiliumError) async -> (errors: [ConsiliumError], log: [String]) {
    let log = Mutex<[String]>([])
    let trainer = PolicyTrainer(
      base: Failing(error: error), policy: SitePolicy(), now: { Date() },
      log: { line in log.withLock { $0.append(line) } })
    let instruction = TrainingInstruction(round: 1, amount: .steps(1), learningRate: 0.1, seed: 1)
    var errors: [ConsiliumError] = []
    do { _ = try await trainer.train(from: model, following: instruction) } catch {
      errors.append(error as! ConsiliumError)
    }
    do { _ = try await trainer.evaluate(model, on: .test) } catch { errors.append(error as! ConsiliumError) }
    return (errors, log.withLock { $0 })
  }

  @Test(arguments: [ConsiliumError.Code.engine, .invalidInput, .unavailable, .invalidUpdate])
  func noNameOfAFileLeavesTheSite(code: ConsiliumError.Code) async {
    let message = "'/data/patient-0815/flair.nii' ends in the middle"
    let (errors, log) = await fail(with: ConsiliumError(code, message, cause: CancellationError()))
    #expect(errors.map(\.code) == [code, code])
    for error in errors {
      #expect(!error.message.contains("0815") && error.message.contains("log at the site"))
      #expect(error.cause == nil)
    }
    #expect(log == [message, message])
  }

  /// The study's lead sets the learning rate, so the advice must arrive. Foreign words in the message must not.
  @Test func divergenceLeavesTheSiteWithItsAdviceOnly() async {
    let said = Divergence(.loss, round: 1, step: 2).description
    for message in [said, "'/data/patient-0815/flair.nii': \(said)"] {
      let (errors, log) = await fail(with: ConsiliumError(.diverged, message))
      #expect(errors.map(\.code) == [.diverged, .diverged])
      #expect(errors.map(\.message) == [said, said])
      #expect(log == [message, message])
    }
  }

  @Test func wantOfMemoryLeavesTheSiteWithItsAdviceOnly() async {
    let (errors, _) = await fail(with: ConsiliumError(.memory, "tried to allocate 0815 bytes"))
    for error in errors {
      #expect(error.code == .memory)
      #expect(error.message.contains("lower the batch size (training.batch-size)"))
      #expect(!error.message.contains("0815"))
    }
  }

  private struct Telling: LocalTrainer {
    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    {
      LocalResult(
        delta: global, summary: TrainingSummary(exampleCount: 40, stepCount: 5, loss: 0.5, seconds: 2))
    }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      SiteEvaluation(
        patientCount: 20, exampleCount: 40, loss: 0.4,
        metrics: [MetricEstimate(name: "dice", value: 0.7, patientCount: 20)])
    }
  }

  @Test(arguments: [true, false]) func theSitesOwnFiguresLeaveWhereThePolicyLetsThem(leave: Bool) async throws
  {
    let policy = SitePolicy(release: .init(perSiteMetrics: leave))
    let trainer = PolicyTrainer(base: Telling(), policy: policy, now: { Date() }, log: { _ in })
    let instruction = TrainingInstruction(round: 1, amount: .steps(5), learningRate: 0.1, seed: 1)
    let trained = try await trainer.train(from: model, following: instruction)
    #expect(trained.delta == model)
    #expect(trained.summary.exampleCount == 40 && trained.summary.stepCount == 5)
    #expect(trained.summary.loss == (leave ? 0.5 : nil))
    let found = try await trainer.evaluate(model, on: .test)
    #expect(found.patientCount == 20)
    #expect(found.loss == (leave ? 0.4 : nil))
    #expect(found.metrics.count == (leave ? 1 : 0))
    let news = policy.filter(TrainingProgress(step: 3, stepCount: 5, loss: 0.6, examplesPerSecond: 8))
    #expect(news == TrainingProgress(step: 3, stepCount: 5, loss: leave ? 0.6 : nil, examplesPerSecond: 8))
  }

  /// The session deals with them: it is not the coordinator's business that the site's disk is full.
  @Test(arguments: [ConsiliumError.Code.storage, .cancelled])
  func whatTheSiteDealsWithPassesUnchanged(code: ConsiliumError.Code) async {
    let (errors, log) = await fail(with: ConsiliumError(code, "the disk is full"))
    #expect(errors.map(\.message) == ["the disk is full", "the disk is full"])
    #expect(log.isEmpty)
  }
}
