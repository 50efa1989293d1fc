import FederatedCore
import FederatedRuntime
import Foundation
import Testing
import WorkerProtocol

/// The test engine needs Python; the product does not.
let python: URL? =
  ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"]
  .first { FileManager.default.isExecutableFile(atPath: $0) }.map { URL(fileURLWithPath: $0) }

/// A folder with logs and exchange files, and engines of Fixtures/worker.py.
final class Workshop: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "workshop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func configuration(mode: String? = nil, patience: Duration = .seconds(30), maximumSessions: Int = 64) throws
    -> WorkerConfiguration
  {
    let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    return WorkerConfiguration(
      executable: try #require(python),
      arguments: [fixtures.appending(path: "worker.py").path] + [mode].compactMap(\.self),
      threads: 1, logDirectory: folder, patience: patience, maximumSessions: maximumSessions)
  }

  func session(_ name: String, seed: UInt64 = 1) -> OpenSession {
    OpenSession(
      session: name, study: "{}", sites: [], dataRoot: folder.path, seed: seed, cacheBytes: 0)
  }

  func trainer(
    _ pool: WorkerPool, _ name: String, progress: @escaping WorkerTrainer.ProgressHandler = { _, _ in }
  )
    throws -> WorkerTrainer
  {
    WorkerTrainer(
      pool: pool, session: session(name), exchange: try ExchangeFolder(folder.appending(path: "exchange")),
      progress: progress)
  }
}

let workerLayout = ParameterLayout(entries: [
  .init(name: "w", shape: [3]), .init(name: "m", shape: [1], role: .buffer),
])

func workerInstruction(round: Int = 1, rate: Double = 0.5) -> TrainingInstruction {
  TrainingInstruction(round: round, amount: .epochs(1), learningRate: rate, seed: 1)
}

/// Whether a process with this ID exists, even if it has ended but has not been waited for.
func isRunning(_ process: Int32) -> Bool { kill(process, 0) == 0 }
