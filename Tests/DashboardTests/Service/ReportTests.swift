import Foundation
import Reporting
import Testing

@testable import Dashboard

@Suite struct ReportTests {
  @Test func reportPolicyAllowsOnlyItsOwnStyles() async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "report-\(UUID().uuidString).html")
    defer { try? FileManager.default.removeItem(at: file) }
    // The expected digest comes from: echo -n 'p { color: red }' | openssl dgst -sha256 -binary | base64
    let page =
      "<html><head><style>p { color: red }</style><style></style></head><body><p>Müller</p></body></html>"
    try Data(page.utf8).write(to: file)
    let source = SampleSource { $0.report = file }
    try await TestBoard(source).test { browser in
      let response = try await browser.get(
        "/studies/heart-failure/report", cookie: browser.board.cookie(.observer))
      #expect(String(buffer: response.body) == page)
      let policy = try #require(response.headers[.contentSecurityPolicy])
      #expect(policy.contains("'sha256-ngewhhP73WDIbgwseeu52VAAJgKdGUsu1IUQQsAm8m4='"))
      #expect(policy.contains("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"))
      #expect(policy.contains("sandbox") && policy.contains("img-src data:") && !policy.contains("unsafe"))
    }
  }

  @Test func missingReportIsExplained() async throws {
    try await TestBoard().test { browser in
      let response = try await browser.get("/studies/lgg-brain-mri/report", cookie: browser.board.cookie())
      #expect(response.status == .notFound)
      #expect(String(buffer: response.body).contains("There is no report yet"))
    }
  }

  @Test func missingFileIsNamedWithoutItsFolder() async throws {
    let source = SampleSource { $0.report = URL(fileURLWithPath: "/nonexistent/folder/report.html") }
    try await TestBoard(source).test { browser in
      let response = try await browser.get("/studies/lgg-brain-mri/report", cookie: browser.board.cookie())
      #expect(response.status == .internalServerError)
      #expect(String(buffer: response.body).contains("report.html cannot be read"))
    }
  }
}
