/// The information needed to repeat a run: the command, the seed, and the machine.
public struct EnvironmentRecord: Sendable, Codable, Equatable {
  public struct Item: Sendable, Codable, Equatable {
    /// The name, such as `Consilium`, `libtorch` or `operating system`.
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The command that repeats the run.
  public var command: String
  public var seed: UInt64
  /// The number of threads per worker, on which results depend.
  public var threads: Int
  public var workers: Int
  public var device: String
  public var cpuFeatures: [String]
  /// The precision, `fp32` or `bf16`.
  public var precision: String
  /// The memory format, `channels-last` or `contiguous`.
  public var memoryFormat: String
  public var versions: [Item]
  /// The time when the run started, in ISO 8601; for the record only.
  public var started: String
  /// The time when the run ended, in ISO 8601; for the record only.
  public var ended: String

  public init(
    command: String, seed: UInt64, threads: Int, workers: Int, device: String, cpuFeatures: [String],
    precision: String, memoryFormat: String, versions: [Item], started: String, ended: String
  ) {
    self.command = command
    self.seed = seed
    self.threads = threads
    self.workers = workers
    self.device = device
    self.cpuFeatures = cpuFeatures
    self.precision = precision
    self.memoryFormat = memoryFormat
    self.versions = versions
    self.started = started
    self.ended = ended
  }
}
