import FederatedCore
import WorkerProtocol

/// A fixed number of engine processes that serve requests in turn.
///
/// A request goes to a free worker, if possible to one that has its session open. A worker that dies is replaced and the
/// request repeated once, which gives the same result since training is deterministic.
public actor WorkerPool {
  public init(
    _ configuration: WorkerConfiguration, count: Int, events: @escaping RunEventHandler = { _ in }
  ) {}

  /// What the engine is and runs on; starts the first worker if none runs.
  public func engine() async throws -> EngineDescription { throw ConsiliumError(.unavailable, "not yet") }

  /// Opens a session on a worker, or says what was found when it was opened before.
  public func open(_ session: OpenSession) async throws -> SessionDescription {
    throw ConsiliumError(.unavailable, "not yet")
  }

  /// Has a worker answer a request, in which it has `session` open if one is given.
  ///
  /// - Throws: ``ConsiliumError``; `.engine` where a worker died twice over the request, `.cancelled` where the task was
  ///   cancelled.
  public func perform(
    _ request: WorkerRequest, in session: OpenSession? = nil,
    progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) async throws -> WorkerReply { throw ConsiliumError(.unavailable, "not yet") }

  /// Ends all workers.
  public func shutDown() async {}
}
