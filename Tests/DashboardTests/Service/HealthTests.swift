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
}
