import FederatedCore
import Foundation
import GRDB
import Synchronization

/// The events of a run that wait to be written with the next round.
///
/// Recording an event only appends it to a list, so that its reporter never waits for the disk.
final class EventLog: Sendable {
  struct Entry: Sendable, Equatable {
    var time: String
    var name: String
    var event: String
  }

  private let waiting = Mutex<[Entry]>([])

  func append(_ event: some Encodable, named name: String) {
    // Drop an event that cannot be encoded. Events are for the record only and must not end a run.
    guard let text = try? JSONText.encode(event) else { return }
    let entry = Entry(time: Date().formatted(.iso8601), name: name, event: text)
    waiting.withLock { $0.append(entry) }
  }

  /// Passes the pending events to `body`. If `body` throws, they stay pending.
  func flush(through body: ([Entry]) throws -> Void) rethrows {
    let entries = waiting.withLock { $0 }
    try body(entries)
    waiting.withLock { $0.removeFirst(entries.count) }
  }

  static func insert(_ entries: [Entry], into database: Database) throws {
    for entry in entries {
      try database.execute(
        sql: "INSERT INTO event (time, name, event) VALUES (?, ?, ?)",
        arguments: [entry.time, entry.name, entry.event])
    }
  }
}
