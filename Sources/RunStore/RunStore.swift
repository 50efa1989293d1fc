import FederatedCore
import FederatedRuntime
import Foundation
import GRDB
import ParameterFiles

/// One run on disk: the only writer of its folder, and the journal from which it goes on after a crash.
///
/// Files are synchronised and in place before the row that names them, so whatever the database holds is whole. What a crash
/// leaves without a row is removed when the run is opened again.
public actor RunStore {
  public nonisolated let folder: RunFolder
  /// What the run holds; also usable while it goes on.
  public nonisolated let reader: RunReader
  nonisolated let database: DatabaseQueue
  nonisolated let events = EventLog()
  /// Called at each step of a commit; tests stop the process there.
  let atStep: @Sendable (CommitStep) throws -> Void
  private let lock: RunLock

  /// Opens the folder of a run and takes the right to write there until the store is closed or the process ends.
  ///
  /// The folder is made where it does not exist; an empty one is used as it is.
  /// - Parameters:
  ///   - resume: goes on with the run that the folder holds; without it such a folder is refused.
  ///   - trains: whether rounds will be added. A run of another version can only be finished as it is.
  /// - Throws: ``ConsiliumError``: `.unavailable` where another process uses the folder; `.invalidInput` where it holds another
  ///   run, another format version or other files; `.storage` where it cannot be written.
  public init(_ folder: URL, for run: RunDefinition, resume: Bool, trains: Bool = true) throws {
    try self.init(folder, for: run, resume: resume, trains: trains, atStep: { _ in })
  }

  init(
    _ folder: URL, for run: RunDefinition, resume: Bool, trains: Bool = true,
    atStep: @escaping @Sendable (CommitStep) throws -> Void
  ) throws {
    let folder = RunFolder(folder)
    self.folder = folder
    self.atStep = atStep
    try RunOpening.checkContents(of: folder)
    try RunOpening.make([folder.url])
    lock = try RunLock.take(folder)
    database = try RunDatabase.open(folder)
    reader = RunReader(folder: folder, database: database)
    if let found = try reader.identityIfAny() {
      try RunOpening.check(found, in: folder, against: run.identity, resume: resume, trains: trains)
    } else {
      try RunOpening.begin(run, in: folder, database: database)
    }
    try RunOpening.make(folder.directories)
    try CheckpointFiles(folder: folder, database: database).removeLeftovers()
  }

  /// Writes what waits and ends the use of the store and its reader, with a database that needs no file beside it.
  public func close() throws {
    try writeEvents()
    try CheckpointFiles(folder: folder, database: database).clear()
    try RunDatabase.explaining(folder) {
      do {
        // The write-ahead log is folded in, so that the folder can be read from a read-only medium too.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // Someone reads the run just now. Nothing is missing: the log stays beside the database until the run is opened again.
      }
      try database.close()
    }
  }

  /// Keeps an event of the run; it is written with the next round. Progress within a round is not kept.
  public nonisolated func record(_ event: RunEvent) {
    if case .siteProgress = event { return }
    record(event, named: event.name)
  }

  public nonisolated func record(_ event: some Encodable, named name: String) {
    events.append(event, named: name)
  }

  func writeEvents() throws {
    try events.flush { entries in
      guard !entries.isEmpty else { return }
      try write { try EventLog.insert(entries, into: $0) }
    }
  }

  nonisolated func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try RunDatabase.explaining(folder) { try database.write(body) }
  }
}
