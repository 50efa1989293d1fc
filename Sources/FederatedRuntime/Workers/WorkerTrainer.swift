import FederatedCore
import Foundation
import ParameterFiles
import WorkerProtocol

/// Trains and evaluates on one site's data in the workers of a pool.
///
/// If the model is divided with a host, the result is the same, bit for bit. Evaluation stays at the site, with
/// the whole model.
public struct WorkerTrainer: LocalTrainer {
  /// Receives reports of training progress, with the number of the round.
  public typealias ProgressHandler = @Sendable (_ round: Int, TrainingProgress) -> Void

  let pool: WorkerPool
  let session: OpenSession
  let exchange: ExchangeFolder
  let replicates: Int
  let progress: ProgressHandler
  /// The minimum number of patients behind any number that the site's policy lets out.
  public var minimumPatients = 1

  /// - Parameters:
  ///   - session: The site's data session, which each worker opens when it first needs the session.
  ///   - exchange: The folder for parameters. If all sites of an arm use the same folder, they share the file
  ///     of the global model.
  ///   - replicates: The number of bootstrap resamples per evaluation; 0 for none.
  public init(
    pool: WorkerPool, session: OpenSession, exchange: ExchangeFolder, replicates: Int = 0,
    progress: @escaping ProgressHandler = { _, _ in }
  ) {
    self.pool = pool
    self.session = session
    self.exchange = exchange
    self.replicates = replicates
    self.progress = progress
  }

  public func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    let turn = try instruction.division.map { try SplitTurn($0, from: global, files: exchange) }
    return try await exchange.withFile(global) { globalFile in
      try await withOffsetFile(instruction.gradientOffset) { offsetFile in
        let output = exchange.outputFile()
        let request = TrainModel(
          session: session.session, global: globalFile.path, round: instruction.round,
          amount: instruction.amount, learningRate: instruction.learningRate, seed: instruction.seed,
          proximalStrength: instruction.proximalStrength, gradientOffset: offsetFile?.path,
          output: output.path, minimumPatients: minimumPatients > 1 ? minimumPatients : nil,
          split: turn?.request)
        let report = { @Sendable [progress] report in progress(instruction.round, report) }
        let reply =
          if let turn {
            try await pool.perform(.train(request), in: session, progress: report, exchange: turn.exchange)
          } else {
            try await pool.perform(.train(request), in: session, progress: report)
          }
        guard case .trained(let summary) = reply else { throw unexpected(reply) }
        let delta = try ParameterFile.readModel(from: output, layout: global.layout, isTemporary: true)
        return LocalResult(delta: delta, summary: summary)
      }
    }
  }

  public func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    try await exchange.withFile(model) { file in
      let request = EvaluateModel(
        session: session.session, model: file.path, part: part, replicates: replicates)
      let reply = try await pool.perform(.evaluate(request), in: session)
      guard case .evaluated(let evaluation) = reply else { throw unexpected(reply) }
      return evaluation
    }
  }

  /// The model's initial parameters, with their layout.
  public func initialise() async throws -> ModelParameters {
    let output = exchange.newFile()
    let reply = try await pool.perform(
      .initialise(InitialiseModel(session: session.session, output: output.path)), in: session)
    guard case .initialised(let layout) = reply else { throw unexpected(reply) }
    return try ParameterFile.readModel(from: output, layout: layout, isTemporary: true)
  }

  private func withOffsetFile<R: Sendable>(
    _ offset: ModelParameters?, _ body: (URL?) async throws -> R
  ) async throws -> R {
    guard let offset else { return try await body(nil) }
    let file = exchange.newFile()
    defer { unlink(file.path) }
    try ParameterFile.write(offset, to: file, durability: .fast)
    return try await body(file)
  }

  private func unexpected(_ reply: WorkerReply) -> ConsiliumError {
    ConsiliumError(.engine, "the engine sent the wrong kind of answer for session '\(session.session)'")
  }
}
