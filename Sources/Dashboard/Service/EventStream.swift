import Foundation
import Hummingbird
import ServiceLifecycle

/// Server-sent events: one `change` for each study that changed, and comments as signs of life (WHATWG HTML, 9.2).
struct EventStream: Sendable {
  let hub: ChangeHub
  /// Whether the reader may still read; asked before each message.
  let isWelcome: @Sendable () async -> Bool

  /// - Throws: ``Problem`` where too many browsers wait.
  func response() throws -> Response {
    guard hub.hasRoom else { throw Problem.tooManyListeners }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8"],
      body: ResponseBody { writer in
        // Entered only here, where it is sure to be left again.
        guard let (id, place) = hub.enter() else { return try await writer.finish(nil) }
        defer { hub.leave(id) }
        // The first line tells the browser that it is connected, and to come back after three seconds where the line breaks.
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
