import FederatedCore
import Testing

@testable import Dashboard

@Suite struct ActionTests {
  @Test func rejectsActionInTheWrongState() async throws {
    try await TestBoard().test { browser in
      let cookie = browser.board.cookie()
      let response = try await browser.post("/studies/lgg-brain-mri/resume", cookie: cookie)
      #expect(response.status == .conflict)
      #expect(String(buffer: response.body).contains("The study is running, so nobody can resume it."))
      #expect(browser.board.source.performed.isEmpty)
    }
  }

  /// A start needs the lead's signature, which a browser cannot give.
  @Test func studyCannotBeStarted() async throws {
    let source = SampleSource { $0.studies["lgg-brain-mri"]?.line.state = .ready }
    try await TestBoard(source).test { browser in
      let response = try await browser.post(
        "/studies/lgg-brain-mri/start", cookie: browser.board.cookie(.lead))
      #expect(response.status == .notFound)
      #expect(browser.board.source.performed.isEmpty)
    }
  }

  @Test func unknownStudyIsNotFound() async throws {
    try await TestBoard().test { browser in
      let response = try await browser.post("/studies/none/pause", cookie: browser.board.cookie())
      #expect(response.status == .notFound)
    }
  }

  @Test(arguments: ["", "  \n ", String(repeating: "x", count: 501)]) func abortNeedsAReason(reason: String)
    async throws
  {
    try await TestBoard().test { browser in
      let response = try await browser.post(
        "/studies/lgg-brain-mri/abort", cookie: browser.board.cookie(), form: ["reason": reason])
      #expect(response.status == .unprocessableContent)
      #expect(browser.board.source.performed.isEmpty)
    }
  }

  @Test func showsTheCoordinatorsRefusal() async throws {
    let source = SampleSource {
      $0.refusal = ConsiliumError(.unavailable, "the coordinator is shutting down: try again in a minute")
    }
    try await TestBoard(source).test { browser in
      let response = try await browser.post("/studies/lgg-brain-mri/pause", cookie: browser.board.cookie())
      #expect(response.status == .serviceUnavailable)
      #expect(
        String(buffer: response.body).contains("the coordinator is shutting down: try again in a minute"))
    }
  }

  @Test func confirmationIsShownOnce() async throws {
    try await TestBoard().test { browser in
      #expect(
        try await browser.page("/studies/lgg-brain-mri?done=pause").contains(
          "The coordinator pauses the study after the current round."))
      let forged = try PageInspector(await browser.page("/studies/lgg-brain-mri?done=%3Cb%3E"))
      #expect(!forged.text.contains("The coordinator pauses"))
    }
  }
}
