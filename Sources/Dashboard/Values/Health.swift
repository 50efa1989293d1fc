/// The coordinator's health.
public struct Health: Sendable, Equatable {
  /// Whether the process works; `false` asks for a restart.
  public var isAlive: Bool
  /// Whether the process can take on work now.
  public var isReady: Bool
  /// The problems, for the coordinator's own machine: `the disk is full`.
  public var reasons: [String]

  public init(isAlive: Bool = true, isReady: Bool, reasons: [String] = []) {
    self.isAlive = isAlive
    self.isReady = isReady
    self.reasons = reasons
  }
}
