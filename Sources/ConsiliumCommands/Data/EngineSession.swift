import FederatedRuntime
import Foundation

/// Gives `body` an engine process, for a command that needs a few answers; the process ends with it.
func withEngine<Result: Sendable>(
  device: String = "cpu", _ body: @Sendable (WorkerPool) async throws -> Result
) async throws -> Result {
  let logs = FileManager.default.temporaryDirectory.appending(path: "consilium-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: logs) }
  let pool = WorkerPool(
    WorkerConfiguration(
      executable: WorkerConfiguration.besideThisProgram(), threads: 2, device: device, logDirectory: logs),
    count: 1)
  do {
    let result = try await body(pool)
    await pool.shutDown()
    return result
  } catch {
    await pool.shutDown()
    throw error
  }
}
