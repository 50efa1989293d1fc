import FederatedCore
import Foundation
import StudyProtocol
import Synchronization
import Testing

@testable import SiteAgent

/// What goes wrong at a site is told in the site's own log, not to the others.
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

  /// The session deals with them: it is not the coordinator's business that the site's disk is full.
  @Test(arguments: [ConsiliumError.Code.storage, .cancelled])
  func whatTheSiteDealsWithPassesUnchanged(code: ConsiliumError.Code) async {
    let (errors, log) = await fail(with: ConsiliumError(code, "the disk is full"))
    #expect(errors.map(\.message) == ["the disk is full", "the disk is full"])
    #expect(log.isEmpty)
  }
}
