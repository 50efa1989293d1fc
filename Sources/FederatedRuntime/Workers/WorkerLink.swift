import FederatedCore
import Foundation
import WorkerProtocol

/// One engine process and the socket to it; takes one request at a time.
public final class WorkerLink: Sendable {
  /// What the engine said it is.
  public let engine: EngineDescription

  init(engine: EngineDescription) { self.engine = engine }

  /// Starts an engine process and agrees on the protocol version.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where it cannot be started or speaks another version.
  public static func start(_ configuration: WorkerConfiguration, name: String) async throws -> WorkerLink {
    throw ConsiliumError(.unavailable, "not yet")
  }

  /// Sends a request and waits for its reply; `progress` sees the reports on the way.
  ///
  /// - Throws: ``ConsiliumError``: what the engine answered as failed, `.engine` where the process died or hung,
  ///   `.cancelled` where the task was cancelled (the process is killed then, since native code cannot be interrupted).
  public func request(
    _ request: WorkerRequest, progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) async throws -> WorkerReply {
    throw ConsiliumError(.unavailable, "not yet")
  }

  /// Ends the process.
  public func stop() async {}
}
