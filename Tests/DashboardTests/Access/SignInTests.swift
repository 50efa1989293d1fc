import Credentials
import FederatedCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import Synchronization
import Testing

@testable import Dashboard

@Suite struct SignInTests {
  /// Opens the sign-in page and returns its cookie and token.
  private func open(_ browser: Browser, _ address: String = "/sign-in") async throws -> (
    cookie: String, seal: String
  ) {
    let response = try await browser.get(address)
    let cookie = try #require(response.headers[.setCookie])
    let page = try PageInspector(String(buffer: response.body))
    let seal = page.all("input").first { $0.attributes["name"] == "seal" }?.attributes["value"]
    return (String(cookie.prefix { $0 != ";" }), try #require(seal))
  }

  private func signIn(
    _ browser: Browser, _ token: String, next: String = ""
  ) async throws -> TestResponse {
    let (cookie, seal) = try await open(browser)
    return try await browser.post(
      "/sign-in", cookie: cookie, form: ["token": token, "next": next], seal: seal)
  }

  @Test func tokenWorksOnce() async throws {
    try await TestBoard().test { browser in
      let party = Party(role: .operator, name: "keller")
      let token = try browser.board.tokens.issue(for: party, now: browser.board.now)
      let first = try await signIn(browser, token)
      #expect(first.status == .seeOther)
      #expect(first.headers[.location] == "/")
      let cookie = try #require(first.headers[.setCookie])
      for property in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        #expect(cookie.contains(property))
      }
      let page = try await browser.get("/", cookie: String(cookie.prefix { $0 != ";" }))
      #expect(page.status == .ok)
      #expect(String(buffer: page.body).contains(#"<b dir="auto">keller</b> (operator)"#))
      let second = try await signIn(browser, token)
      #expect(second.status == .forbidden)
      #expect(String(buffer: second.body).contains("Go to the sign-in page"))
    }
  }

  /// A sign-in that the coordinator cannot enter in its audit log does not happen, and uses up nothing.
  @Test func tokenStaysValidIfTheSignInCannotBeLogged() async throws {
    let isFull = Mutex(true)
    let fault = ConsiliumError(.storage, "the disk is full")
    try await TestBoard(signingIn: { _ in if isFull.withLock({ $0 }) { throw fault } }).test { browser in
      let party = Party(role: .operator, name: "keller")
      let token = try browser.board.tokens.issue(for: party, now: browser.board.now)
      let refused = try await signIn(browser, token)
      #expect(refused.status.code >= 500)
      #expect(refused.headers[.setCookie] == nil)
      isFull.withLock { $0 = false }
      #expect(try await signIn(browser, token).status == .seeOther)
      #expect(try await signIn(browser, token).status == .forbidden)
    }
  }

  /// The revoked certificates of the people of a test.
  private final class Revoked: Sendable {
    let entries = Mutex<[String: [String: Date]]>([:])

    @Sendable func of(_ person: Party) -> [String: Date] { entries.withLock { $0[person.name] ?? [:] } }
  }

  @Test func revocationEndsTheSessionAtOnce() async throws {
    let revoked = Revoked()
    revoked.entries.withLock { $0["keller"] = ["old": Sample.now - 1000] }
    try await TestBoard(revocations: revoked.of).test { browser in
      let cookies = ["keller", "mertens"].map { browser.board.cookie(.operator, name: $0) }
      for cookie in cookies { #expect(try await browser.get("/", cookie: cookie).status == .ok) }
      revoked.entries.withLock { $0["keller"]?["new"] = Sample.now }
      let refused = try await browser.get("/", cookie: cookies[0])
      #expect(refused.status == .seeOther)
      #expect(try await browser.get("/", cookie: cookies[1]).status == .ok)
      let page = try await browser.get("/sign-in", cookie: browser.board.cookie(.operator, name: "keller"))
      #expect(page.status == .seeOther)
    }
  }

  @Test func signInPageStatesThatACertificateWasRevoked() async throws {
    let revoked = Revoked()
    try await TestBoard(revocations: revoked.of).test { browser in
      let cookie = browser.board.cookie(.observer, name: "keller")
      revoked.entries.withLock { $0["keller"] = ["1": Sample.now] }
      let page = String(buffer: try await browser.get("/sign-in", cookie: cookie).body)
      #expect(
        page.contains(
          "You were signed out, since a certificate of yours was revoked. Ask the coordinator&#39;s administrator for a new token."
        ))
    }
  }

  @Test func tokenIssuedBeforeARevocationIsRefused() async throws {
    let revoked = Revoked()
    try await TestBoard(revocations: revoked.of).test { browser in
      let party = Party(role: .operator, name: "keller")
      let before = try browser.board.tokens.issue(for: party, now: browser.board.now)
      revoked.entries.withLock { $0["keller"] = ["1": Sample.now + 60] }
      browser.board.advance(120)
      #expect(try await signIn(browser, before).status == .forbidden)
      // Its issuer knew of the revocation.
      let after = try browser.board.tokens.issue(for: party, now: browser.board.now)
      #expect(try await signIn(browser, after).status == .seeOther)
    }
  }

  @Test func reportsSignInAttempts() async throws {
    let told = Mutex<[SignInAttempt]>([])
    try await TestBoard(signingIn: { attempt in told.withLock { $0.append(attempt) } }).test { browser in
      let party = Party(role: .observer, name: "keller")
      _ = try await signIn(browser, "x")
      _ = try await signIn(browser, try browser.board.tokens.issue(for: party, now: browser.board.now))
    }
    let attempts = told.withLock { $0 }
    #expect(attempts.count == 2)
    guard case .failed? = attempts.first else {
      Issue.record("a failed attempt was not told first")
      return
    }
    #expect(attempts.last == .succeeded(Party(role: .observer, name: "keller")))
  }

  @Test func signInFailsIfItCannotBeRecorded() async throws {
    let board = try TestBoard(signingIn: { _ in throw ConsiliumError(.storage, "the disk is full") })
    try await board.test { browser in
      let party = Party(role: .lead, name: "mertens")
      let response = try await signIn(
        browser, try browser.board.tokens.issue(for: party, now: browser.board.now))
      #expect(response.status.code >= 400)
      #expect(response.headers[.setCookie]?.contains("consilium-session") != true)
    }
  }

  @Test func concurrentAttemptsRedeemATokenOnce() async throws {
    let board = try TestBoard()
    let token = try board.tokens.issue(for: Party(role: .lead, name: "a"), now: board.now)
    let parties = await withTaskGroup(of: Party?.self) { group in
      for _ in 0..<32 { group.addTask { board.tokens.redeem(token, now: board.now) } }
      return await group.reduce(into: [Party?]()) { $0.append($1) }.compactMap { $0 }
    }
    #expect(parties == [Party(role: .lead, name: "a")])
  }

  @Test func acceptsTokensInCapitalsWithoutHyphens() throws {
    let board = try TestBoard()
    let token = try board.tokens.issue(for: Party(role: .lead, name: "a"), now: board.now)
    #expect(token.count == 29)
    let typed = " " + token.uppercased().replacing("-", with: " ")
    #expect(board.tokens.redeem(typed, now: board.now) != nil)
  }

  @Test func rejectsExpiredToken() async throws {
    try await TestBoard().test { browser in
      let party = Party(role: .lead, name: "mertens")
      let token = try browser.board.tokens.issue(for: party, lifetime: 600, now: browser.board.now)
      browser.board.advance(600)
      #expect(try await signIn(browser, token).status == .forbidden)
    }
  }

  @Test(arguments: [Role.site, .coordinator]) func refusesTokensForMachines(role: Role) throws {
    let board = try TestBoard()
    #expect(throws: (any Error).self) { try board.tokens.issue(for: Party(role: role, name: "x")) }
  }

  @Test(arguments: ["", "x", "../../../etc/passwd", "22222-22222-22222-22222-22222"])
  func rejectsWrongTokens(token: String) async throws {
    try await TestBoard().test { browser in
      let response = try await signIn(browser, token)
      #expect(response.status == .forbidden)
    }
  }

  @Test func limitsFailuresPerAddress() async throws {
    try await TestBoard().test { browser in
      for _ in 0..<AttemptLimit.attempts { #expect(try await signIn(browser, "wrong").status == .forbidden) }
      let token = try browser.board.tokens.issue(
        for: Party(role: .lead, name: "a"), lifetime: 3600, now: browser.board.now)
      let refused = try await signIn(browser, token)
      #expect(refused.status == .tooManyRequests)
      #expect(refused.headers[.retryAfter] == "900")
      browser.board.advance(AttemptLimit.window)
      // The refused attempt has not used up the token.
      #expect(try await signIn(browser, token).status == .seeOther)
    }
  }

  @Test func rejectsSignInFormWithoutTokenOrCookie() async throws {
    try await TestBoard().test { browser in
      let token = try browser.board.tokens.issue(for: Party(role: .lead, name: "a"), now: browser.board.now)
      let (cookie, seal) = try await open(browser)
      #expect(try await browser.post("/sign-in", form: ["token": token], seal: seal).status == .forbidden)
      #expect(
        try await browser.post("/sign-in", cookie: cookie, form: ["token": token], seal: "00").status
          == .forbidden)
      let other = try await open(browser)
      #expect(
        try await browser.post("/sign-in", cookie: other.cookie, form: ["token": token], seal: seal).status
          == .forbidden)
      #expect(
        try await browser.post("/sign-in", cookie: cookie, form: ["token": token], seal: seal).status
          == .seeOther)
    }
  }

  @Test(arguments: [
    ("/studies/lgg-brain-mri", "/studies/lgg-brain-mri"), ("//evil.example", "/"),
    ("https://evil.example", "/"),
  ])
  func leadsBackToOwnPagesOnly(next: String, location: String) async throws {
    try await TestBoard().test { browser in
      let token = try browser.board.tokens.issue(for: Party(role: .lead, name: "a"), now: browser.board.now)
      #expect(try await signIn(browser, token, next: next).headers[.location] == location)
    }
  }

  @Test func sessionEndsAfterAWorkingDayAndOnSigningOut() async throws {
    try await TestBoard().test { browser in
      let (first, second) = (browser.board.cookie(), browser.board.cookie())
      let out = try await browser.post("/sign-out", cookie: first)
      #expect(out.status == .seeOther)
      #expect(out.headers[.setCookie]?.contains("Max-Age=0") == true)
      #expect(try await browser.get("/", cookie: first).status == .seeOther)
      #expect(try await browser.get("/", cookie: second).status == .ok)
      browser.board.advance(Sessions.lifetime)
      #expect(try await browser.get("/", cookie: second).status == .seeOther)
    }
  }

  @Test func storesTokensOnlyByDigest() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokens-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let tokens = try SignInTokens(folder: folder)
    let token = try tokens.issue(for: Party(role: .lead, name: "a"))
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count == 1)
    let text = try String(contentsOf: #require(files.first), encoding: .utf8)
    let letters = token.replacing("-", with: "")
    #expect(!files[0].path.contains(letters) && !text.contains(letters))
    let mode = try FileManager.default.attributesOfItem(atPath: files[0].path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    _ = try tokens.issue(for: Party(role: .lead, name: "b"), lifetime: 1, now: Date() + 3600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test func oldestSessionEndsAtTheLimit() {
    let sessions = Sessions()
    let visitor = Visitor(party: Party(role: .lead, name: "a"), signIn: .token)
    let ids = (0...Sessions.limit).map { sessions.open(for: visitor, now: Sample.now + Double($0) / 1000) }
    #expect(Set(ids).count == ids.count)
    #expect(sessions.visitor(of: ids[0], now: Sample.now + 2) == nil)
    #expect(sessions.visitor(of: ids[1], now: Sample.now + 2) == visitor)
  }
}
