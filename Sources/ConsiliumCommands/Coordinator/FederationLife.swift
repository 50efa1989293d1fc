import CoordinatorService
import FederatedTransport
import ServiceLifecycle
import StudyRuns

/// The coordinator with its network server, as a service: listens once it knows its studies, and stops after what is finished.
struct FederationLife: Service {
  let service: CoordinatorService
  let server: FederationServer
  /// Told the port.
  let onListening: @Sendable (Int) -> Void
  /// How long the server has to end by itself before the calls that wait for news are cut off.
  ///
  /// swift-nio traps where a call that was accepted is dropped before it is served, so what is on its way must still find somebody to serve it.
  private static let grace = Duration.seconds(1)

  func run() async throws {
    // Before anybody can ask: a site that is told of too few studies believes it.
    do { try await service.start() } catch {
      await service.shutDown()
      throw error
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      group.addTask {
        let port: Int
        do {
          port = try await server.port
        } catch {
          // The server says better why it cannot listen.
          try await Task.sleep(for: .seconds(10))
          throw error
        }
        onListening(port)
        try await gracefulShutdown()
      }
      let result = await Result(awaiting: { try await group.next() })
      await service.shutDown()
      server.shutDown()
      group.addTask { try? await Task.sleep(for: Self.grace) }
      _ = await Result(awaiting: { try await group.next() })
      group.cancelAll()
      _ = try result.get()
    }
  }
}
