import Credentials
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization

@testable import Dashboard

/// A dashboard with a sample source, an adjustable clock and a folder for tokens.
final class TestBoard: Sendable {
  let source: SampleSource
  let routes: DashboardRoutes
  let tokens: SignInTokens
  private let folder: URL
  private let time = Clock()

  private final class Clock: Sendable {
    let now = Mutex(Sample.now)
  }

  init(
    _ source: SampleSource = SampleSource(), opensMetrics: Bool = false, heartbeat: Duration = .seconds(60),
    revocations: @escaping @Sendable (Party) -> [String: Date] = { _ in [:] },
    signingIn: @escaping @Sendable (SignInAttempt) async throws -> Void = { _ in }
  ) throws {
    self.source = source
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("board-\(UUID().uuidString)")
    tokens = try SignInTokens(folder: folder)
    let time = time
    routes = DashboardRoutes(
      configuration: DashboardConfiguration(
        port: 0, tls: nil, tokens: tokens, opensMetrics: opensMetrics, heartbeat: heartbeat,
        revocations: revocations, signingIn: signingIn, now: { time.now.withLock { $0 } }),
      source: source)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var now: Date { time.now.withLock { $0 } }

  func advance(_ seconds: TimeInterval) { time.now.withLock { $0 += seconds } }

  var application: some ApplicationProtocol {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return Application(router: routes.router(), services: [routes.hub], logger: logger)
  }

  /// The cookie that the browser of a signed-in visitor sends.
  func cookie(_ role: Role = .lead, name: String = "mertens") -> String {
    let cookie = routes.gate.open(Visitor(party: Party(role: role, name: name), signIn: .token))
    return "\(cookie.name)=\(cookie.value)"
  }

  /// The token of a form that is sent with the cookie.
  func seal(for cookie: String) -> String {
    routes.gate.seal.seal(for: "session:" + (cookie.split(separator: "=").last ?? ""))
  }

  func test(_ body: @Sendable (Browser) async throws -> Void) async throws {
    try await application.test(.router) { client in try await body(Browser(board: self, client: client)) }
  }
}

/// Sends requests as a browser does.
struct Browser: Sendable {
  let board: TestBoard
  let client: any TestClientProtocol

  func get(_ uri: String, cookie: String? = nil, headers: HTTPFields = [:]) async throws -> TestResponse {
    var headers = headers
    if headers[.accept] == nil { headers[.accept] = "text/html" }
    if let cookie { headers[.cookie] = cookie }
    return try await client.execute(uri: uri, method: .get, headers: headers)
  }

  /// Returns a page for a visitor with the role.
  func page(_ uri: String, _ role: Role = .lead) async throws -> String {
    try await String(buffer: get(uri, cookie: board.cookie(role)).body)
  }

  /// - Parameter form: Names and values of the fields. If they include no token, the cookie's token is added.
  func post(
    _ uri: String, cookie: String? = nil, form: KeyValuePairs<String, String> = [:], seal: String? = nil,
    headers: HTTPFields = [:]
  ) async throws -> TestResponse {
    var headers = headers
    headers[.contentType] = "application/x-www-form-urlencoded"
    if let cookie { headers[.cookie] = cookie }
    let seal = seal ?? cookie.map { board.seal(for: $0) } ?? ""
    let fields = form.map { "\($0)=\(Address.encoded($1))" } + (seal.isEmpty ? [] : ["seal=\(seal)"])
    return try await client.execute(
      uri: uri, method: .post, headers: headers, body: ByteBuffer(string: fields.joined(separator: "&")))
  }
}
