import CoordinatorService
import FederatedTransport
import ServiceLifecycle
import StudyRuns

/// The coordinator and its network server, as a service. The server starts to listen after the coordinator
/// has loaded its studies. The service stops after finishing the current work.
struct FederationLife: Service {
  let service: CoordinatorService
  let server: FederationServer
  /// Called with the port when the server listens.
  let onListening: @Sendable (Int) -> Void
  /// How long the server may take to finish its calls. After this time, calls that still wait for news are
  /// cut off.
  ///
  /// swift-nio traps if an accepted call is dropped before it is served, so calls that are still arriving
  /// must be served.
  private static let grace = Duration.seconds(1)

  func run() async throws {
    // Load the studies before any site can ask for them: a site would take an incomplete list for the whole.
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
          // Wait, so that the server throws first: its error states better why it cannot listen.
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
