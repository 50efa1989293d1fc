import AsyncHTTPClient
import Credentials
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import Dashboard

@Suite struct EventTests {
  @Test func eventsNameWhatChanged() {
    #expect(EventStream.text([]) == ": alive\n\n")
    #expect(EventStream.text([.overview]) == "event: change\ndata: overview\n\n")
    #expect(EventStream.text([.study("a\n\ndata: b")]) == "event: change\ndata: study a%0A%0Adata%3A%20b\n\n")
  }

  /// Returns the events of a live connection as they arrive.
  private func listen(
    _ board: TestBoard, cookie: String, _ body: @escaping @Sendable (AsyncStream<String>) async throws -> Void
  ) async throws {
    try await board.application.test(.live) { client in
      let port = try #require(client.port)
      var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/events")
      request.headers.add(name: "Cookie", value: cookie)
      let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
      #expect(response.status == .ok)
      #expect(response.headers.first(name: "Content-Type") == "text/event-stream; charset=utf-8")
      let (events, continuation) = AsyncStream.makeStream(of: String.self)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { continuation.finish() }
          for try await buffer in response.body { continuation.yield(String(buffer: buffer)) }
        }
        try await body(events)
        group.cancelAll()
        while (try? await group.next()) != nil {}
      }
    }
  }

  @Test func changeReachesTheBrowser() async throws {
    let board = try TestBoard()
    try await listen(board, cookie: board.cookie(.observer)) { events in
      var iterator = events.makeAsyncIterator()
      #expect(await iterator.next() == "retry: 3000\n\n")
      board.source.tell(.study("lgg-brain-mri"))
      #expect(await iterator.next() == "event: change\ndata: study lgg-brain-mri\n\n")
      board.source.tell(.overview)
      #expect(await iterator.next() == "event: change\ndata: overview\n\n")
    }
  }

  @Test func idleStreamsGetSignsOfLife() async throws {
    let board = try TestBoard(heartbeat: .milliseconds(20))
    try await listen(board, cookie: board.cookie()) { events in
      var iterator = events.makeAsyncIterator()
      _ = await iterator.next()
      #expect(await iterator.next() == ": alive\n\n")
    }
  }

  @Test func signingOutEndsTheStream() async throws {
    let board = try TestBoard(heartbeat: .milliseconds(20))
    let cookie = board.cookie()
    try await listen(board, cookie: cookie) { events in
      var iterator = events.makeAsyncIterator()
      _ = await iterator.next()
      board.routes.gate.sessions.close(String(cookie.split(separator: "=")[1]))
      while await iterator.next() != nil {}
      #expect(board.routes.hub.count == 0)
    }
  }

  @Test func revocationEndsTheStream() async throws {
    let isRevoked = Mutex(false)
    let board = try TestBoard(
      heartbeat: .milliseconds(20), revocations: { _ in isRevoked.withLock { $0 } ? ["1": Sample.now] : [:] })
    try await listen(board, cookie: board.cookie()) { events in
      var iterator = events.makeAsyncIterator()
      _ = await iterator.next()
      isRevoked.withLock { $0 = true }
      while await iterator.next() != nil {}
      #expect(board.routes.hub.count == 0)
    }
  }

  @Test func slowBrowserGetsEachChangedStudyOnce() {
    let place = ChangeHub.Place()
    for _ in 0..<1000 { place.tell(.study("a")); place.tell(.study("b")); place.tell(nil) }
    #expect(place.take() == [.study("a"), .study("b")])
    #expect(place.take().isEmpty)
  }

  @Test func refusesTooManyStreams() throws {
    let limits = DashboardLimits()
    let hub = ChangeHub(source: SampleSource(), heartbeat: .seconds(60), limits: limits)
    let visitors = (0..<limits.eventStreams).map { Party(role: .observer, name: "\($0)") }
    let places = try visitors.map { try hub.enter($0) }
    let problem = #expect(throws: Problem.self) {
      try EventStream(hub: hub, visitor: Party(role: .lead, name: "x")) { true }.response()
    }
    #expect(problem?.title == "Too many pages are open")
    hub.leave(places[7].id)
    _ = try hub.enter(visitors[3])
  }

  @Test func oneVisitorCannotTakeAllStreams() throws {
    let limits = DashboardLimits()
    let hub = ChangeHub(source: SampleSource(), heartbeat: .seconds(60), limits: limits)
    let (observer, other) = (Party(role: .observer, name: "a"), Party(role: .observer, name: "b"))
    let places = try (0..<limits.eventStreamsPerVisitor).map { _ in try hub.enter(observer) }
    let problem = #expect(throws: Problem.self) { try hub.enter(observer) }
    #expect(problem?.status == .tooManyRequests)
    #expect(
      problem?.message
        == "At most 16 pages of one visitor update themselves. Close some, then reload this page.")
    _ = try hub.enter(other)
    hub.leave(places[0].id)
    _ = try hub.enter(observer)
  }

  /// A response that is never read leaves no place taken.
  @Test func droppedStreamGivesItsPlaceBack() throws {
    let hub = ChangeHub(source: SampleSource(), heartbeat: .seconds(60))
    _ = try EventStream(hub: hub, visitor: Party(role: .lead, name: "x")) { true }.response()
    #expect(hub.count == 0)
  }
}
