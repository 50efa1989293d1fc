/// A value that leaves a site as a message.
public protocol MessageContent: Sendable {
  var message: StageMessage { get }

  /// Removes or changes what may not leave, and releases the rest. Only the gate calls this.
  func released(by gate: ReleaseGate) async throws -> Released<Self>
}

extension MessageContent where Self: Releasable {
  public func released(by gate: ReleaseGate) async throws -> Released<Self> {
    try gate.release(entering: self)
  }
}

/// The answer that a stage has prepared at a site, before the release gate has checked it.
public struct StageDraft: Sendable {
  let content: any MessageContent
  /// The memory of the stage at the site after this answer; without vectors if there is nothing to store.
  public let memory: NamedParts

  public init(_ content: some MessageContent, memory: NamedParts = .none) {
    self.content = content
    self.memory = memory
  }
}

extension NamedParts {
  /// Named parts without any vector.
  public static let none = NamedParts(names: [], parts: [])
}
