import FederatedCore
import WorkerProtocol

/// Trains and evaluates on one site's data in the engine processes of a pool.
public struct WorkerTrainer: LocalTrainer {
  /// Called with the round while the site trains.
  public typealias ProgressHandler = @Sendable (_ round: Int, TrainingProgress) -> Void

  let pool: WorkerPool
  let session: OpenSession
  let exchange: ExchangeFolder
  let replicates: Int
  let progress: ProgressHandler

  /// - Parameters:
  ///   - session: opened on a worker when it is first needed there.
  ///   - replicates: how many bootstrap resamples an evaluation draws; 0 for none.
  public init(
    pool: WorkerPool, session: OpenSession, exchange: ExchangeFolder, replicates: Int = 0,
    progress: @escaping ProgressHandler = { _, _ in }
  ) {
    (self.pool, self.session, self.exchange) = (pool, session, exchange)
    (self.replicates, self.progress) = (replicates, progress)
  }

  public func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  { throw ConsiliumError(.unavailable, "not yet") }

  public func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    throw ConsiliumError(.unavailable, "not yet")
  }

  /// Writes the model's initial parameters and reads them, with their layout.
  public func initialise() async throws -> ModelParameters { throw ConsiliumError(.unavailable, "not yet") }
}
