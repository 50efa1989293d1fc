import Foundation

/// The settings with which workers are started.
public struct WorkerConfiguration: Sendable {
  /// The worker's program; see ``WorkerConfiguration/besideThisProgram()``.
  public var executable: URL
  public var arguments: [String]
  /// The number of threads that a worker uses for one operation. A run's record states it, since results
  /// depend on it.
  public var threads: Int
  /// The device for training: `cpu`, `cuda` or `cuda:N`.
  public var device: String
  /// The folder for the workers' standard output and error, with one file per worker.
  public var logDirectory: URL
  /// How long a worker may be silent. After that, it is considered hung and is killed.
  public var patience: Duration
  /// The maximum number of sessions that one worker keeps open. The least recently used session is closed
  /// first.
  public var maximumSessions: Int
  /// The number of successive workers that may fail on one request before the request itself fails.
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
