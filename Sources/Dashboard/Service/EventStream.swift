import Credentials
import Foundation
import Hummingbird
import ServiceLifecycle

/// A stream of server-sent events: one `change` per changed study or overview, and comments as signs of life
/// (WHATWG HTML, 9.2).
struct EventStream: Sendable {
  let hub: ChangeHub
  /// The reader.
  let visitor: Party
  /// Whether the visitor may still read the changes. Called before each message.
  let isWelcome: @Sendable () async -> Bool

  /// - Throws: ``Problem`` if too many browsers are waiting.
  func response() throws -> Response {
    let seat = Seat(hub, try hub.enter(visitor))
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8"],
      body: ResponseBody { writer in
        defer { seat.leave() }
        let place = seat.place
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

  /// A place at the hub, which is free again when the stream ends or the response is dropped before it began.
  private final class Seat: Sendable {
    let place: ChangeHub.Place
    private let hub: ChangeHub
    private let id: Int

    init(_ hub: ChangeHub, _ entry: (id: Int, place: ChangeHub.Place)) {
      self.hub = hub
      id = entry.id
      place = entry.place
    }

    deinit { leave() }

    func leave() { hub.leave(id) }
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
