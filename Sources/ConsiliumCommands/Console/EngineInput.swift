import ArgumentParser
import FederatedRuntime
import Foundation

/// The argument that names the engine program.
struct EngineInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The engine program. (default: consilium-worker beside this program)", valueName: "file"))
  var worker: String?

  var executable: URL { worker.map { URL(fileURLWithPath: $0) } ?? WorkerConfiguration.besideThisProgram() }

  /// Gives `body` an engine process, for a command that needs a few answers; the process ends with it.
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
