import FederatedCore
import WorkerProtocol

extension WorkerPool {
  /// Opens a session and, if nothing is wrong with its data, has the agreed model take one step on a batch of them.
  ///
  /// - Returns: the session's description, with what the step found among its findings.
  /// - Throws: ``ConsiliumError`` as ``perform(_:in:progress:)``.
  public func check(_ session: OpenSession) async throws -> SessionDescription {
    var description = try await open(session)
    let isBroken = description.findings.contains { $0.severity == .error }
    guard !isBroken, !description.parts.isEmpty else { return description }
    guard
      case .triedOut(let findings) = try await perform(.tryOut(TryOut(session: session.session)), in: session)
    else { throw ConsiliumError(.engine, "the engine answered the trial of a session with something else") }
    description.findings += findings
    return description
  }
}
