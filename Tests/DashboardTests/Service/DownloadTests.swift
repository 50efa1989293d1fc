import Credentials
import Foundation
import Testing

@testable import Dashboard

@Suite struct DownloadTests {
  /// Runs `body` with a study that has one result with the given content.
  private func withFile(
    _ path: String, _ content: Data, _ body: @Sendable (Browser) async throws -> Void
  ) async throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "download-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try content.write(to: url)
    let source = SampleSource {
      $0.studies["heart-failure"]?.files = [ResultFile(path: path, url: url, size: content.count)]
    }
    try await TestBoard(source).test(body)
  }

  @Test func downloadNameContainsTheStudy() async throws {
    try await withFile("rounds.csv", Data("a,b\r\n1,2\r\n".utf8)) { browser in
      for role in [Role.lead, .operator, .observer] {
        let response = try await browser.get(
          "/studies/heart-failure/files/rounds.csv", cookie: browser.board.cookie(role))
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "a,b\r\n1,2\r\n")
        #expect(response.headers[.contentDisposition] == #"attachment; filename="heart-failure-rounds.csv""#)
        #expect(response.headers[.contentType]?.hasPrefix("text/csv") == true)
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
      }
    }
  }

  /// The model is larger than the piece that is read at a time.
  @Test func largeModelArrivesComplete() async throws {
    let content = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try await withFile("models/fedavg.safetensors", content) { browser in
      let response = try await browser.get(
        "/studies/heart-failure/files/models/fedavg.safetensors", cookie: browser.board.cookie(.observer))
      #expect(Data(response.body.readableBytesView) == content)
    }
  }

  @Test(arguments: [
    "rounds.json", "..%2Frounds.csv", "models/rounds.csv", "models/..%2Frounds.csv", "%2Fetc%2Fpasswd",
  ])
  func nothingElseIsServed(path: String) async throws {
    try await withFile("rounds.csv", Data("a".utf8)) { browser in
      let response = try await browser.get(
        "/studies/heart-failure/files/\(path)", cookie: browser.board.cookie())
      #expect(response.status == .notFound)
    }
  }

  @Test func strangersCannotDownload() async throws {
    try await withFile("rounds.csv", Data("a".utf8)) { browser in
      let response = try await browser.get("/studies/heart-failure/files/rounds.csv")
      #expect(response.status == .seeOther)
      #expect(try await browser.get("/compare?study=heart-failure&study=skin-lesions").status == .seeOther)
      #expect(try await browser.get("/history").status == .seeOther)
    }
  }

  @Test func missingFileIsNamedWithoutItsFolder() async throws {
    try await TestBoard().test { browser in
      let response = try await browser.get(
        "/studies/heart-failure/files/report.json", cookie: browser.board.cookie())
      #expect(response.status == .internalServerError)
      let body = String(buffer: response.body)
      #expect(body.contains("report.json cannot be read") && !body.contains("nonexistent"))
    }
  }

  @Test func studyPageListsItsFiles() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/studies/heart-failure", .observer))
      let links = page.all("a").compactMap { $0.attributes["href"] }
      #expect(links.contains("/studies/heart-failure/files/report.json"))
      #expect(links.contains("/studies/heart-failure/files/models/fedavg.safetensors"))
      #expect(page.text.contains("6.5 MB") && page.text.contains("82 kB"))
      #expect(!page.text.contains("Incomplete:"))
    }
  }

  @Test func comparisonPageIsSandboxed() async throws {
    try await TestBoard().test { browser in
      let response = try await browser.get(
        "/compare?study=heart-failure&study=skin-lesions", cookie: browser.board.cookie(.observer))
      #expect(String(buffer: response.body).contains("heart-failure and skin-lesions"))
      #expect(response.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
    }
  }

  @Test(arguments: [
    ("", 422), ("?study=heart-failure", 422), ("?study=heart-failure&study=heart-failure", 422),
    ("?study=heart-failure&study=nothing", 409),
  ])
  func whatCannotBeComparedIsSaid(query: String, status: Int) async throws {
    try await TestBoard().test { browser in
      let response = try await browser.get("/compare" + query, cookie: browser.board.cookie())
      #expect(response.status.code == status)
    }
  }
}
