import FederatedCore
import Foundation
import GRDB
import ParameterFiles

/// The database of a run folder: opening it, its tables, and its errors in plain words.
enum RunDatabase {
  /// The version of the folder's layout and of the contents of its JSON and parameter files.
  static let format = 1
  /// The mark `CNSL`, which distinguishes a run's database from any other SQLite file.
  private static let applicationID = 0x434E_534C

  /// Opens the database for writing. Creates it if it does not exist, and brings its tables up to date.
  static func open(_ folder: RunFolder) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.journalMode = .wal
    // Wait for a reader that is just opening the file: a short lock must not end a run.
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { database in
      // A committed round must survive a power cut, not only a crash of the program.
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    return try explaining(folder) {
      try NewDatabase.create(folder.database) { try migrator.migrate($0) }
      let queue = try DatabaseQueue(
        path: folder.database.path(percentEncoded: false), configuration: configuration)
      try queue.read { try check($0, folder, mayBeEmpty: true) }
      try migrator.migrate(queue)
      return queue
    }
  }

  /// Opens the database of a finished or running run for reading.
  static func openToRead(_ folder: RunFolder) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    return try explaining(folder) {
      let queue = try DatabaseQueue(
        path: folder.database.path(percentEncoded: false), configuration: configuration)
      try queue.read { try check($0, folder, mayBeEmpty: false) }
      return queue
    }
  }

  private static func check(_ database: Database, _ folder: RunFolder, mayBeEmpty: Bool) throws {
    let path = folder.database.path(percentEncoded: false)
    let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    // Earlier versions created the database in place. An interrupted creation left it without its own tables.
    let isEmpty =
      try Int.fetchOne(
        database, sql: "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE '%grdb\\_%' ESCAPE '\\'") == 0
    guard id == applicationID || (isEmpty && mayBeEmpty) else {
      throw ConsiliumError(.invalidInput, "'\(path)' is not the database of a run; choose another folder")
    }
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard isEmpty || found == format else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' has format version \(found), and this program has \(format); use the program that made it, or choose "
          + "another folder")
    }
  }

  /// The migrations of the database. Only append to them, since older run folders depend on the existing
  /// ones. A migration that changes the meaning of existing values also raises `format`.
  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("tables") { database in
      try database.execute(sql: tables)
      try database.execute(
        sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(format)")
    }
    migrator.registerMigration("stage sets") { database in
      try database.execute(
        sql: """
          CREATE TABLE stageSet (
            arm TEXT NOT NULL, round INTEGER NOT NULL, stage INTEGER NOT NULL, question INTEGER NOT NULL,
            sites TEXT NOT NULL, PRIMARY KEY (arm, round, stage, question)) WITHOUT ROWID
          """)
    }
    return migrator
  }

  /// The columns `record`, `description` and `evaluation` contain JSON. The views extract values from the
  /// JSON, for manual queries.
  private static let tables = """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY CHECK (id = 1), identity TEXT NOT NULL, started TEXT NOT NULL);
    CREATE TABLE round (
      arm TEXT NOT NULL, round INTEGER NOT NULL, isBest INTEGER NOT NULL, record TEXT NOT NULL, model TEXT NOT NULL,
      serverState TEXT, siteStates TEXT NOT NULL, PRIMARY KEY (arm, round)) WITHOUT ROWID;
    CREATE TABLE model (
      name TEXT PRIMARY KEY, digest TEXT NOT NULL, parameterCount INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE site (site TEXT PRIMARY KEY, description TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE evaluation (
      model TEXT NOT NULL, site TEXT NOT NULL, part TEXT NOT NULL, digest TEXT NOT NULL, evaluation TEXT NOT NULL,
      PRIMARY KEY (model, site, part)) WITHOUT ROWID;
    CREATE TABLE panel (
      model TEXT NOT NULL, site TEXT NOT NULL, position INTEGER NOT NULL, file TEXT NOT NULL, caption TEXT NOT NULL,
      PRIMARY KEY (model, site, position)) WITHOUT ROWID;
    CREATE TABLE event (
      id INTEGER PRIMARY KEY, time TEXT NOT NULL, name TEXT NOT NULL, event TEXT NOT NULL);
    CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE VIEW contribution AS
      SELECT arm, round, value ->> 'site' AS site, value ->> 'weight' AS weight,
        value ->> '$.summary.exampleCount' AS examples, value ->> '$.summary.stepCount' AS steps,
        value ->> '$.summary.loss' AS loss, value ->> '$.summary.seconds' AS seconds,
        value ->> 'updateDigest' AS updateDigest
      FROM round, json_each(record, '$.contributions');
    CREATE VIEW dropped AS
      SELECT arm, round, value ->> 'site' AS site, value ->> 'reason' AS reason
      FROM round, json_each(record, '$.dropped');
    CREATE VIEW validation AS
      SELECT arm, round, item.value ->> 'site' AS site, metric.value ->> 'name' AS metric,
        metric.value ->> 'value' AS value, metric.value ->> 'patientCount' AS patients
      FROM round, json_each(record, '$.validation') AS item,
        json_each(item.value, '$.evaluation.metrics') AS metric;
    CREATE VIEW metric AS
      SELECT model, site, part, value ->> 'name' AS metric, value ->> 'value' AS value,
        value ->> 'patientCount' AS patients
      FROM evaluation, json_each(evaluation, '$.metrics');
    """

  /// Runs `body` and translates database errors into messages for the user.
  static func explaining<Result>(_ folder: RunFolder, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      let path = folder.database.path(percentEncoded: false)
      let message =
        switch error.resultCode {
        case .SQLITE_FULL:
          "the disk is full: '\(path)' could not be written; free some space"
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
          "'\(path)' is damaged; restore it from a backup, or start again in another folder"
        case .SQLITE_IOERR:
          "cannot use '\(path)': \(error.message ?? "disk I/O error"); the disk may be full or failing"
        default: "cannot use '\(path)': \(error.message ?? error.resultCode.description)"
        }
      throw ConsiliumError(.storage, message, cause: error)
    }
  }
}
