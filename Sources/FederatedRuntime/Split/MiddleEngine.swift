import FederatedCore
import Foundation
import ParameterFiles
import Synchronization
import WorkerProtocol

/// Computes the middle of a split model for the sites of a study, in a worker of its own.
///
/// All turns use one worker, because a turn's state is in its worker. The worker must not come from the pool of
/// the sites in a simulation: a site's worker waits for the host in the middle of a step.
public final class MiddleEngine: Sendable {
  let pool: WorkerPool
  let exchange: ExchangeFolder
  /// The study in canonical JSON.
  let study: String
  private let turns = Atomic(0)

  /// - Parameters:
  ///   - study: The study in canonical JSON.
  ///   - folder: The folder for files that the worker reads and writes.
  public init(
    _ configuration: WorkerConfiguration, study: String, folder: URL,
    events: @escaping RunEventHandler = { _ in }
  ) throws {
    pool = WorkerPool(configuration, count: 1, events: events)
    exchange = try ExchangeFolder(folder)
    self.study = study
  }

  /// The host of one turn of a site.
  ///
  /// - Parameters:
  ///   - global: The whole model from which the site trains.
  ///   - instruction: The instruction that the site follows.
  func makeHost(cut: String, global: ModelParameters, instruction: TrainingInstruction) throws
    -> any StreamHost
  {
    let turn = turns.wrappingAdd(1, ordering: .relaxed).newValue
    return try MiddleHost(self, "turn-\(turn)", cut: cut, global: global, instruction: instruction)
  }

  /// The engine's description of itself and its device. Starts the worker if it is not running.
  public func engine() async throws -> EngineDescription { try await pool.engine() }

  /// Ends the worker.
  public func shutDown() async { await pool.shutDown() }
}
