import Credentials
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Dashboard

/// Clients that open too many connections, over real sockets.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConnectionLimitTests {
  /// Collects log lines.
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
      lines.all.withLock { $0.append(event.message.description + details.joined()) }
    }
  }

  /// Runs a dashboard, and passes its port, the cookie of an observer by name, and its log to the body.
  private func serve(
    _ limits: DashboardLimits = DashboardLimits(),
    _ body: @escaping @Sendable (Int, DashboardRoutes, Lines) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("board-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let lines = Lines()
    let logger = Logger(label: "test") { _ in Handler(lines: lines) }
    let configuration = try DashboardConfiguration(
      port: 0, tls: nil, tokens: SignInTokens(folder: folder), limits: limits)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let service = try DashboardService(configuration: configuration, source: SampleSource(), logger: logger) {
      continuation.yield($0)
    }
    let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      let port = try #require(await ports.first { _ in true })
      do { try await body(port, service.routes, lines) } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  private func cookie(_ name: String, _ routes: DashboardRoutes) -> String {
    let cookie = routes.gate.open(Visitor(party: Party(role: .observer, name: name), signIn: .token))
    return "\(cookie.name)=\(cookie.value)"
  }

  @Test func silentConnectionsFromOneAddressDoNotBlockAnother() async throws {
    try await serve { port, routes, lines in
      let strangers = try (0..<512).map { _ in try RawClient(port: port, from: "127.0.0.2") }
      for _ in 0..<3 {
        let client = try RawClient(port: port)
        client.get("/healthz")
        #expect(client.status() == 200)
      }
      // All above the limit are closed.
      let limit = DashboardLimits().connectionsPerAddress
      while routes.pool.count > limit + 3 { await Task.yield() }
      #expect(
        lines.all.withLock { $0 } == [
          "refused a connection: its client has the maximum number already client=127.0.0.2 connections=\(limit)"
        ])
      withExtendedLifetime(strangers) {}
    }
  }

  /// Work resumes by itself: a connection that sends nothing is closed soon.
  @Test func silentConnectionIsClosed() async throws {
    var limits = DashboardLimits()
    limits.connectionsPerAddress = 1
    limits.firstRequest = .milliseconds(200)
    try await serve(limits) { port, routes, _ in
      let silent = try RawClient(port: port)
      #expect(silent.next() == "")
      while routes.pool.count > 0 { await Task.yield() }
      let client = try RawClient(port: port)
      client.get("/healthz")
      #expect(client.status() == 200)
    }
  }

  @Test func oneVisitorCannotTakeAllConnections() async throws {
    var limits = DashboardLimits()
    limits.connectionsPerAddress = 2
    limits.connectionsPerVisitor = 3
    try await serve(limits) { [self] port, routes, lines in
      let (greedy, other) = (cookie("a", routes), cookie("b", routes))
      var clients: [RawClient] = []
      // Once the visitor is known, the connections no longer count for the address.
      for _ in 0..<3 {
        let client = try RawClient(port: port)
        client.get("/", cookie: greedy)
        #expect(client.status() == 200)
        clients.append(client)
      }
      let fourth = try RawClient(port: port)
      fourth.get("/", cookie: greedy)
      let answer = fourth.next()
      #expect(answer.hasPrefix("HTTP/1.1 429"))
      let second = try RawClient(port: port)
      second.get("/", cookie: other)
      #expect(second.status() == 200)
      #expect(
        lines.all.withLock { $0 } == [
          "refused a connection: its client has the maximum number already client=observer/a connections=3"
        ])
    }
  }

  @Test func oneVisitorCannotTakeAllEventStreams() async throws {
    var limits = DashboardLimits()
    limits.eventStreamsPerVisitor = 2
    try await serve(limits) { [self] port, routes, _ in
      let (greedy, other) = (cookie("a", routes), cookie("b", routes))
      var clients: [RawClient] = []
      for (cookie, status) in [(greedy, 200), (greedy, 200), (greedy, 429), (other, 200)] {
        let client = try RawClient(port: port)
        client.get("/events", cookie: cookie)
        #expect(client.status() == status)
        clients.append(client)
      }
      clients.removeFirst()
      while routes.hub.count > 2 { try await Task.sleep(for: .milliseconds(10)) }
      let again = try RawClient(port: port)
      again.get("/events", cookie: greedy)
      #expect(again.status() == 200)
    }
  }
}
