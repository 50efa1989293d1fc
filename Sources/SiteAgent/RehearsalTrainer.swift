import FederatedCore
import Synchronization

/// A trainer for the rehearsal, which also evaluates the model that the site itself trained.
///
/// A rehearsal's update leaves as zeros, so the shared model does not show whether training diverged. The
/// check runs when the coordinator asks for the validation, so its time is not included in the training time.
final class RehearsalTrainer<Base: LocalTrainer>: LocalTrainer {
  private let base: Base
  /// The model that this site trained but has not yet evaluated.
  private let trained = Mutex<ModelParameters?>(nil)

  init(base: Base) { self.base = base }

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    let result = try await base.train(from: global, following: instruction)
    var model = global
    model.add(result.delta)
    trained.withLock { [model] in $0 = model }
    return result
  }

  /// - Throws: ``ConsiliumError`` with code `.diverged` if the site's own model has no finite loss.
  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    let own = trained.withLock { trained -> ModelParameters? in
      defer { trained = nil }
      return trained
    }
    if let own { _ = try await base.evaluate(own, on: part) }
    return try await base.evaluate(model, on: part)
  }
}
