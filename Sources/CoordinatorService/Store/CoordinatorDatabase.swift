import FederatedCore
import FederatedTransport
import Foundation
import GRDB
import RunStore

/// The coordinator's durable data: studies with their signatures and states, readiness reports, and
/// contributions.
final class CoordinatorDatabase: Sendable {
  private let queue: DatabaseQueue
  private let path: String

  /// Opens or creates the database, and migrates its tables to the current version.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ file: URL) throws {
    path = file.path(percentEncoded: false)
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    queue = try Self.explaining(path) { [path, configuration] in
      try NewDatabase.create(file) { try Self.migrator.migrate($0) }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.migrator.migrate(queue)
      return queue
    }
  }

  /// New migrations are appended; existing migrations never change.
  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("tables") { database in
      try database.execute(
        sql: """
          CREATE TABLE study (
            position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, proposal BLOB NOT NULL,
            state TEXT NOT NULL, reason TEXT NOT NULL, isRehearsed INTEGER NOT NULL DEFAULT 0,
            forecast BLOB);
          CREATE TABLE decision (
            study TEXT NOT NULL, site TEXT NOT NULL, position INTEGER NOT NULL, decision BLOB NOT NULL,
            PRIMARY KEY (study, site, position)) WITHOUT ROWID;
          CREATE TABLE readiness (
            study TEXT NOT NULL, site TEXT NOT NULL, readiness BLOB NOT NULL,
            PRIMARY KEY (study, site)) WITHOUT ROWID;
          CREATE TABLE contribution (
            study TEXT NOT NULL, arm TEXT NOT NULL, round INTEGER NOT NULL, stage INTEGER NOT NULL, site TEXT NOT NULL,
            statement BLOB NOT NULL, PRIMARY KEY (study, arm, round, stage, site)) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("sites") { database in
      try database.execute(
        sql: """
          CREATE TABLE site (
            name TEXT PRIMARY KEY, programVersion TEXT NOT NULL, lastSeen REAL NOT NULL, certificate BLOB) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("times") { database in
      try database.execute(
        sql: "ALTER TABLE study ADD COLUMN started REAL; ALTER TABLE study ADD COLUMN ended REAL;")
    }
    migrator.registerMigration("start") { database in
      try database.execute(
        sql: "ALTER TABLE study ADD COLUMN start BLOB; ALTER TABLE study ADD COLUMN attempts BLOB;")
    }
    return migrator
  }

  func read<R>(_ body: (Database) throws -> R) throws -> R {
    try Self.explaining(path) { try queue.read(body) }
  }

  @discardableResult
  func write<R>(_ body: (Database) throws -> R) throws -> R {
    try Self.explaining(path) { try queue.write(body) }
  }

  func close() throws { try Self.explaining(path) { try queue.close() } }

  private static func explaining<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as DatabaseError {
      let message =
        switch error.resultCode {
        case .SQLITE_FULL: "the disk is full: '\(path)' could not be written; free some space"
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: "'\(path)' is damaged; restore it from a backup"
        case .SQLITE_IOERR:
          "cannot use '\(path)': \(error.message ?? "disk I/O error"); the disk may be full or failing"
        default: "cannot use '\(path)': \(error.message ?? error.resultCode.description)"
        }
      throw ConsiliumError(.storage, message, cause: error)
    }
  }
}
