import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Dashboard

@Suite struct HeaderTests {
  private func check(_ response: TestResponse, _ address: String) throws {
    let policy = try #require(response.headers[.contentSecurityPolicy], "\(address)")
    #expect(policy.hasPrefix("default-src 'none'; "))
    #expect(
      !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'")
        && policy.contains("base-uri 'none'"))
    #expect(response.headers[.xContentTypeOptions] == "nosniff")
    #expect(response.headers[try #require(HTTPField.Name("X-Frame-Options"))] == "DENY")
    #expect(response.headers[try #require(HTTPField.Name("Referrer-Policy"))] == "same-origin")
    let isAsset = Asset.all.map(\.path).contains(address) && response.status == .ok
    #expect(response.headers[.cacheControl] == (isAsset ? "public, max-age=31536000, immutable" : "no-store"))
  }

  @Test func everyResponseHasSecurityHeaders() async throws {
    try await TestBoard().test { browser in
      let cookie = browser.board.cookie()
      let assets = Asset.all.map(\.path)
      for address in PageTests.addresses + assets + [
        "/sign-in", "/metrics", "/healthz", "/readyz", "/studies/lgg-brain-mri/report", "/assets/none",
        "/%ff",
      ] {
        try check(await browser.get(address), address)
        try check(await browser.get(address, cookie: cookie), address)
      }
      for address in ["/sign-in", "/sign-out", "/studies/lgg-brain-mri/pause", "/nowhere"] {
        try check(await browser.post(address), address)
        try check(await browser.post(address, cookie: cookie), address)
      }
      try check(await browser.client.execute(uri: "/", method: .delete), "/")
    }
  }

  @Test func assetPathsContainTheirDigest() async throws {
    try await TestBoard().test { browser in
      for asset in Asset.all {
        let response = try await browser.get(asset.path)
        #expect(response.status == .ok)
        #expect(response.body.readableBytes > 100)
      }
      #expect(Set(Asset.all.map(\.path)).count == 3)
    }
  }
}
