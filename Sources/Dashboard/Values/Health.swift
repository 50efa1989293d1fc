/// Whether the coordinator works.
public struct Health: Sendable, Equatable {
  /// False asks for a restart of the process.
  public var isAlive: Bool
  /// False keeps work away from it for now.
  public var isReady: Bool
  /// What is wrong, for the coordinator's own machine: `the disk is full`.
  public var reasons: [String]

  public init(isAlive: Bool = true, isReady: Bool, reasons: [String] = []) {
    self.isAlive = isAlive
    self.isReady = isReady
    self.reasons = reasons
  }
}
