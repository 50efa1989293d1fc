import FederatedCore
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Dashboard

@Suite struct DashboardServiceTests {
  private let logger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }()

  private func configuration(port: Int, monitoringPort: Int? = nil) throws -> DashboardConfiguration {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("board-tokens")
    return try DashboardConfiguration(
      port: port, tls: nil, tokens: SignInTokens(folder: folder), monitoringPort: monitoringPort)
  }

  /// Runs the service, and passes its port to the body.
  private func serve(
    _ configuration: DashboardConfiguration, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let service = try DashboardService(configuration: configuration, source: SampleSource(), logger: logger) {
      continuation.yield($0)
    }
    let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { continuation.finish() }
        try await group.run()
      }
      if let port = await ports.first(where: { _ in true }) {
        do { try await body(port) } catch {
          await group.triggerGracefulShutdown()
          throw error
        }
        await group.triggerGracefulShutdown()
      }
      try await tasks.waitForAll()
    }
  }

  @Test func errorNamesThePortInUse() async throws {
    try await serve(configuration(port: 0)) { port in
      let error = await #expect(throws: ConsiliumError.self) {
        try await serve(configuration(port: port)) { _ in }
      }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("127.0.0.1 port \(port)") == true)
    }
  }

  @Test func monitoringHasASeparateLoopbackPort() async throws {
    // A port that was free a moment before.
    let probe = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let monitoringPort = try #require(probe.localAddress?.port)
    try await probe.close()
    try await serve(configuration(port: 0, monitoringPort: monitoringPort)) { port in
      for (port, path, status) in [
        (monitoringPort, "/metrics", 200), (monitoringPort, "/readyz", 200), (monitoringPort, "/", 404),
        (port, "/metrics", 401), (port, "/healthz", 200),
      ] {
        let response = try await TestClient.withClient(host: "127.0.0.1", port: port) {
          try await $0.get(path, headers: [.connection: "close"])
        }
        #expect(response.status.code == status, "\(path)")
      }
    }
  }

  @Test("A browser waiting for changes does not delay shutdown") func shutsDownWithOpenStreams() async throws
  {
    let board = try TestBoard()
    let cookie = board.cookie()
    try await board.application.test(.live) { client in
      let port = try #require(client.port)
      let browser = TestClient(host: "127.0.0.1", port: port)
      browser.connect()
      try await browser.executeAndDontWaitForResponse(
        .init("/events", method: .get, headers: [.cookie: cookie]))
      // The answer on another connection may arrive before or after the stream was entered. The service must
      // end either way.
      _ = try await client.execute(uri: "/healthz", method: .get)
    }
    #expect(board.routes.hub.count == 0)
  }
}
