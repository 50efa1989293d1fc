/// A value that leaves a site as a message.
public protocol MessageContent: Sendable {
  var message: StageMessage { get }

  /// The value after the gate has taken out or changed what may not leave. Only the gate calls it.
  func released(by gate: ReleaseGate) async throws -> Released<Self>
}

extension MessageContent where Self: Releasable {
  public func released(by gate: ReleaseGate) async throws -> Released<Self> { gate.release(self) }
}

/// What a stage's half at a site hands to the release gate.
public struct StageDraft: Sendable {
  let content: any MessageContent
  /// What the stage keeps at the site after this answer; no vectors if it keeps nothing.
  public let memory: NamedParts

  public init(_ content: some MessageContent, memory: NamedParts = .none) {
    self.content = content
    self.memory = memory
  }
}

extension NamedParts {
  /// No vectors.
  public static let none = NamedParts(names: [], parts: [])
}
