import HTTPTypes
import Testing

@testable import Dashboard

@Suite struct MetricsTests {
  @Test func metricsFollowTheFormat() async throws {
    try await TestBoard(opensMetrics: true).test { browser in
      let response = try await browser.get("/metrics")
      #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      let read = try PrometheusReader(String(buffer: response.body))
      #expect(read.kinds["consilium_rounds_total"] == "counter")
      #expect(read.help["consilium_site_connected"] == "1 where the site's agent is connected.")
      #expect(read.samples.count == 4)
      #expect(
        read.samples.first
          == .init(name: "consilium_rounds_total", labels: ["study": "lgg-brain-mri"], value: 12))
      #expect(read.samples.last == .init(name: "consilium_round_seconds", labels: [:], value: 1483.25))
    }
  }

  @Test func metricsRequireSignInUnlessOpened() async throws {
    try await TestBoard().test { browser in
      let stranger = try await browser.get("/metrics", headers: [.accept: "text/plain"])
      #expect(stranger.status == .unauthorized)
      let observer = try await browser.get("/metrics", cookie: browser.board.cookie(.observer))
      #expect(observer.status == .ok)
    }
  }

  @Test(arguments: ["a\"b\\c\nd", "}{,=", "", "\\n", "ü\u{1F9E0}"]) func labelsAreEscaped(value: String)
    throws
  {
    let text = PrometheusText([
      MetricSample("m", .gauge, help: "back\\slash\nand line", labels: ["l": value, "k": "v"], value: -0.5)
    ]).text
    let read = try PrometheusReader(text)
    #expect(read.help["m"] == "back\\slash\nand line")
    #expect(read.samples == [.init(name: "m", labels: ["l": value, "k": "v"], value: -0.5)])
  }

  @Test func groupsSamplesByNameWithoutDuplicates() throws {
    let samples = [("a", "1"), ("b", "1"), ("a", "2"), ("a", "1")].map { name, label in
      MetricSample(name, .counter, help: "h", labels: ["x": label], value: 1)
    }
    let read = try PrometheusReader(PrometheusText(samples).text)
    #expect(read.samples.map(\.name) == ["a", "a", "b"])
  }

  @Test func formatsOddNumbersAndNames() throws {
    let samples = [Double.infinity, -.infinity, 1e300, 1e-9, 123_456_789_012].enumerated().map {
      MetricSample("9 odd-name\($0)", .gauge, help: "h", labels: ["a b": "c"], value: $1)
    }
    let read = try PrometheusReader(PrometheusText(samples).text)
    #expect(read.samples.map(\.value) == [.infinity, -.infinity, 1e300, 1e-9, 123_456_789_012])
    #expect(read.samples[0].name == "_9_odd_name0")
    #expect(read.samples[0].labels == ["a_b": "c"])
    #expect(
      try PrometheusReader(PrometheusText([MetricSample("n", .gauge, help: "h", value: .nan)]).text).samples[
        0
      ].value.isNaN)
    #expect(PrometheusText([]).text.isEmpty)
  }
}
