import Foundation

/// How engine processes are started.
public struct WorkerConfiguration: Sendable {
  /// The program; see ``WorkerConfiguration/besideThisProgram()``.
  public var executable: URL
  public var arguments: [String]
  /// Threads for one operation; part of a run's record.
  public var threads: Int
  /// `cpu`, `cuda` or `cuda:N`.
  public var device: String
  /// Where each worker's standard output and error go, one file a worker.
  public var logDirectory: URL
  /// A worker that sends nothing for so long is taken for hung and killed.
  public var patience: Duration
  /// The most sessions that one worker keeps open; the least recently used are closed.
  public var maximumSessions: Int
  /// How many workers in turn may die over one request before it fails.
  public var attempts: Int

  public init(
    executable: URL, arguments: [String] = [], threads: Int, device: String = "cpu", logDirectory: URL,
    patience: Duration = .seconds(600), maximumSessions: Int = 64, attempts: Int = 2
  ) {
    self.executable = executable
    self.arguments = arguments
    self.threads = threads
    self.device = device
    self.logDirectory = logDirectory
    self.patience = patience
    self.maximumSessions = maximumSessions
    self.attempts = attempts
  }

  /// The `consilium-worker` in the folder of the running program.
  public static func besideThisProgram() -> URL {
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: program ?? CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "consilium-worker")
  }
}
