import ArgumentParser
import FederatedRuntime
import Foundation

/// The argument that names the worker program.
struct EngineInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The worker program. (default: consilium-worker next to this program)", valueName: "file"))
  var worker: String?

  var executable: URL { worker.map { URL(fileURLWithPath: $0) } ?? WorkerConfiguration.besideThisProgram() }

  /// Runs `body` with a worker process for a few requests; the process ends when `body` returns.
  func withEngine<Result: Sendable>(_ body: (WorkerPool) async throws -> Result) async throws -> Result {
    try await withScratchFolder { logs in
      let threads = min(4, ProcessInfo.processInfo.activeProcessorCount)
      let pool = WorkerPool(
        WorkerConfiguration(executable: executable, threads: threads, logDirectory: logs), count: 1)
      do {
        let result = try await body(pool)
        await pool.shutDown()
        return result
      } catch {
        await pool.shutDown()
        throw error
      }
    }
  }
}
