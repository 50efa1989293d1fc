import Credentials
import HTTPTypes
import Testing

@testable import Dashboard

@Suite struct AccessTests {
  @Test(arguments: ["/", "/studies/lgg-brain-mri", "/audit", "/studies/lgg-brain-mri/report"])
  func redirectsStrangersToTheSignInPage(address: String) async throws {
    try await TestBoard().test { browser in
      let response = try await browser.get(address)
      #expect(response.status == .seeOther)
      #expect(response.headers[.location]?.hasPrefix("/sign-in") == true)
      #expect(response.body.readableBytes == 0)
    }
  }

  @Test(arguments: ["/", "/events", "/metrics"]) func programsGetUnauthorizedWithoutSignIn(address: String)
    async throws
  {
    try await TestBoard().test { browser in
      let response = try await browser.get(address, headers: [.accept: "*/*"])
      #expect(response.status == .unauthorized)
    }
  }

  @Test(arguments: DashboardAction.Kind.allCases) func strangersCannotActOnStudies(kind: DashboardAction.Kind)
    async throws
  {
    try await TestBoard().test { browser in
      let response = try await browser.post("/studies/lgg-brain-mri/\(kind.rawValue)", form: ["reason": "x"])
      #expect(response.status == .forbidden)
      #expect(browser.board.source.performed.isEmpty)
    }
  }

  @Test(
    "What a role allows",
    arguments: [
      (Role.observer, DashboardAction.Kind.pause, false), (.observer, .abort, false),
      (.operator, .pause, true), (.operator, .abort, true), (.lead, .pause, true), (.lead, .abort, true),
    ])
  func roles(role: Role, kind: DashboardAction.Kind, isAllowed: Bool) async throws {
    let source = SampleSource()
    try await TestBoard(source).test { browser in
      let response = try await browser.post(
        "/studies/lgg-brain-mri/\(kind.rawValue)", cookie: browser.board.cookie(role),
        form: ["reason": "a  reason\n"])
      #expect(response.status == (isAllowed ? .seeOther : .forbidden))
      #expect(source.performed.count == (isAllowed ? 1 : 0))
      if isAllowed {
        #expect(response.headers[.location] == "/studies/lgg-brain-mri?done=\(kind.rawValue)")
        #expect(source.performed.first?.visitor.party == Party(role: role, name: "mertens"))
      }
      if isAllowed, kind == .abort {
        #expect(source.performed.first?.action == .abort(study: "lgg-brain-mri", reason: "a reason"))
      }
    }
  }

  @Test func buttonsDependOnRoleAndState() async throws {
    try await TestBoard().test { browser in
      func actions(_ address: String, _ role: Role) async throws -> [String] {
        try PageInspector(await browser.page(address, role)).all("form").compactMap {
          $0.attributes["action"]
        }
        .filter { $0.hasPrefix("/studies") }
      }
      let study = "/studies/lgg-brain-mri"
      var offered = try await actions(study, .observer)
      #expect(offered == [])
      offered = try await actions(study, .operator)
      #expect(offered == [study + "/pause", study + "/abort"])
      browser.board.source.state.withLock { $0.studies["lgg-brain-mri"]?.line.state = .ready }
      offered = try await actions(study, .operator)
      #expect(offered == [study + "/abort"])
      offered = try await actions(study, .lead)
      #expect(offered == [study + "/abort"])
      browser.board.source.state.withLock { $0.studies["lgg-brain-mri"]?.line.state = .finished }
      offered = try await actions(study, .lead)
      #expect(offered == [])
    }
  }

  @Test func rejectsFormsWithoutTheirToken() async throws {
    try await TestBoard().test { browser in
      let (mine, other) = (browser.board.cookie(), browser.board.cookie())
      let right = browser.board.seal(for: mine)
      let address = "/studies/lgg-brain-mri/pause"
      for seal in [
        "0", "wrong", browser.board.seal(for: other), String(right.dropLast()), right.uppercased() + "0",
      ] {
        let response = try await browser.post(address, cookie: mine, seal: seal)
        #expect(response.status == .forbidden)
        #expect(String(buffer: response.body).contains("Nothing was changed."))
      }
      let bare = try await browser.client.execute(uri: address, method: .post, headers: [.cookie: mine])
      #expect(bare.status == .forbidden)
      let foreign = try await browser.post(
        address, cookie: mine, seal: right,
        headers: [#require(HTTPField.Name("Sec-Fetch-Site")): "cross-site"])
      #expect(foreign.status == .forbidden)
      #expect(browser.board.source.performed.isEmpty)
      #expect(try await browser.post(address, cookie: mine, seal: right).status == .seeOther)
      #expect(browser.board.source.performed.count == 1)
    }
  }

  @Test("Every form carries the session's CSRF token") func everyFormHasTheSessionsToken() async throws {
    try await TestBoard().test { browser in
      let cookie = browser.board.cookie(.operator)
      let page = try PageInspector(
        String(buffer: await browser.get("/studies/lgg-brain-mri", cookie: cookie).body))
      let seals = page.all("input").filter { $0.attributes["name"] == "seal" }.compactMap {
        $0.attributes["value"]
      }
      #expect(seals.count == page.all("form").count)
      #expect(Set(seals) == [browser.board.seal(for: cookie)])
    }
  }

  @Test func rejectsLongForms() async throws {
    try await TestBoard().test { browser in
      let response = try await browser.post(
        "/studies/lgg-brain-mri/abort", cookie: browser.board.cookie(),
        form: ["reason": String(repeating: "x", count: 20_000)])
      #expect(response.status == .contentTooLarge)
      #expect(browser.board.source.performed.isEmpty)
    }
  }
}
