import FederatedCore
import FederatedRuntime
import Foundation
import GRDB
import ParameterFiles

/// One run on disk: the only writer of its folder, and the journal from which the run resumes after a crash.
///
/// Files are synchronised and in place before the row that names them, so every file that the database names
/// is complete. Files without a row, left by a crash, are removed when the run is opened again.
public actor RunStore {
  public nonisolated let folder: RunFolder
  /// Reads the run, even while it continues.
  public nonisolated let reader: RunReader
  nonisolated let database: DatabaseQueue
  nonisolated let events = EventLog()
  /// Called at each step of a commit. Tests use it to stop the process at that step.
  let atStep: @Sendable (CommitStep) throws -> Void
  private let lock: RunLock

  /// Opens the folder of a run and takes the right to write there until the store is closed or the process
  /// ends.
  ///
  /// Creates the folder if it does not exist, and accepts an empty folder.
  /// - Parameters:
  ///   - resume: whether to resume the run in the folder; if false, a folder that holds a run is refused.
  ///   - trains: whether rounds will be added. A run of a different version can only be finished without
  ///     further rounds.
  /// - Throws: ``ConsiliumError``: `.unavailable` if another process uses the folder; `.invalidInput` if it
  ///   holds a different run, a different format version or other files; `.storage` if it cannot be written.
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
    let closed = OwnerOnly.closeFolder(folder.url)
    if closed > 0 { record(["files": closed], named: "access-closed") }
  }

  /// Writes the pending events and closes the store and its reader. Merges the write-ahead log into the
  /// database, unless another process is reading the run.
  public func close() throws {
    try writeEvents()
    try CheckpointFiles(folder: folder, database: database).clear()
    try RunDatabase.explaining(folder) {
      do {
        // Merge the write-ahead log into the database, so that the folder can be read from a read-only medium
        // too.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // Someone is reading the run. Nothing is lost: the write-ahead log stays next to the database until
        // the run is opened again.
      }
      try database.close()
    }
  }

  /// Saves an event of the run, which is written with the next round. Progress within a round is not saved.
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
