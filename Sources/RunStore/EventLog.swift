import FederatedCore
import Foundation
import GRDB
import Synchronization

/// The events of a run that wait to be written with the next round.
///
/// Taking one only appends to a list, so that whoever reports an event never waits for the disk.
final class EventLog: Sendable {
  struct Entry: Sendable, Equatable {
    var time: String
    var name: String
    var event: String
  }

  private let waiting = Mutex<[Entry]>([])

  func append(_ event: some Encodable, named name: String) {
    // An event is for the record only; one that cannot be encoded must not end a run.
    guard let text = try? JSONText.encode(event) else { return }
    let entry = Entry(time: Date().formatted(.iso8601), name: name, event: text)
    waiting.withLock { $0.append(entry) }
  }

  /// Writes what waits; it waits on where `body`'s transaction then fails.
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
