import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Dashboard

@Suite struct HealthTests {
  @Test func reportsWhetherItIsAliveAndReady() async throws {
    try await TestBoard().test { browser in
      for (address, text) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let response = try await browser.get(address)
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == text)
      }
      browser.board.source.state.withLock {
        $0.health = Health(isReady: false, reasons: ["the disk is full"])
      }
      #expect(try await browser.get("/healthz").status == .ok)
      let unready = try await browser.get("/readyz")
      #expect(unready.status == .serviceUnavailable)
      #expect(String(buffer: unready.body) == "not ready\n")
      browser.board.source.state.withLock { $0.health.isAlive = false }
      #expect(try await browser.get("/healthz").status == .serviceUnavailable)
    }
  }

  @Test func loopbackPortGivesReasonsAndMetrics() async throws {
    let source = SampleSource { $0.health = Health(isReady: false, reasons: ["the disk is full"]) }
    let application = Application(router: Monitoring(source: source).router())
    try await application.test(.router) { client in
      let ready = try await client.execute(uri: "/readyz", method: .get)
      #expect(String(buffer: ready.body) == "not ready\nthe disk is full\n")
      let metrics = try await client.execute(uri: "/metrics", method: .get)
      #expect(try PrometheusReader(String(buffer: metrics.body)).samples.count == 4)
      #expect(try await client.execute(uri: "/", method: .get).status == .notFound)
    }
  }

  /// A page that pointed a name of its own to 127.0.0.1 must not read the answers.
  @Test func loopbackPortAnswersOnlyToItsOwnNames() async throws {
    let application = Application(router: Monitoring(source: SampleSource()).router())
    try await application.test(.live) { client in
      let port = try #require(client.port)
      for (host, status) in [
        ("127.0.0.1:\(port)", 200), ("localhost:\(port)", 200), ("LOCALHOST", 200), ("[::1]:9464", 200),
        ("attacker.example", 421), ("attacker.example:\(port)", 421), ("127.0.0.1.attacker.example", 421),
        ("localhost.attacker.example:\(port)", 421), ("", 421),
      ] {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/metrics")
        request.headers.add(name: "Host", value: host)
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        #expect(Int(response.status.code) == status, "\(host)")
        guard status == 421 else { continue }
        let body = String(buffer: try await response.body.collect(upTo: 1000))
        #expect(
          body == "this port answers only to the names 127.0.0.1 and localhost; use http://127.0.0.1:PORT\n")
      }
    }
  }
}
