import Foundation
import Hummingbird
import ServiceLifecycle

/// A stream of server-sent events: one `change` per changed study or overview, and comments as signs of life
/// (WHATWG HTML, 9.2).
struct EventStream: Sendable {
  let hub: ChangeHub
  /// Whether the visitor may still read the changes. Called before each message.
  let isWelcome: @Sendable () async -> Bool

  /// - Throws: ``Problem`` if too many browsers are waiting.
  func response() throws -> Response {
    guard hub.hasRoom else { throw Problem.tooManyListeners }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8"],
      body: ResponseBody { writer in
        // Enter the hub only in the body of the response: `defer` guarantees that the browser also leaves it.
        guard let (id, place) = hub.enter() else { return try await writer.finish(nil) }
        defer { hub.leave(id) }
        // The first line confirms the connection and tells the browser to reconnect after three seconds if it
        // breaks.
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
        for await _ in place.bell.cancelOnGracefulShutdown() {
          guard await isWelcome() else { break }
          try await writer.write(ByteBuffer(string: Self.text(place.take())))
        }
        try await writer.finish(nil)
      })
  }

  static func text(_ changes: Set<DashboardChange>) -> String {
    guard !changes.isEmpty else { return ": alive\n\n" }
    return changes.map { change in
      switch change {
      case .overview: "event: change\ndata: overview\n\n"
      case .study(let id): "event: change\ndata: study \(Address.encoded(id))\n\n"
      }
    }.sorted().joined()
  }
}
