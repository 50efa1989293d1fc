import FederatedCore
import Foundation
import GRDB
import ParameterFiles

/// Creates a database in one step: afterwards its file is complete, or there is none.
package enum NewDatabase {
  /// Creates the database `file` with its tables, unless it exists.
  ///
  /// It is made under a temporary name, synchronised, and renamed. A crash or an error at any moment leaves
  /// at most a temporary file (``AtomicFile/removeLeftovers(in:olderThan:)``).
  ///
  /// - Parameter tables: creates the tables.
  /// - Throws: errors of the database, or ``ConsiliumError`` with code `.storage`.
  package static func create(_ file: URL, _ tables: (DatabaseQueue) throws -> Void) throws {
    let path = file.path(percentEncoded: false)
    guard access(path, F_OK) != 0, errno == ENOENT else { return }
    // The journals of a database that has been removed must not be applied to the new one.
    for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
    let temporary = AtomicFile.temporaryPath(beside: file)
    do {
      var configuration = Configuration()
      configuration.prepareDatabase {
        // Nobody else sees the file, and it is synchronised as a whole.
        try $0.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
      }
      try OwnerOnly.createFile(URL(fileURLWithPath: temporary))
      let queue = try DatabaseQueue(path: temporary, configuration: configuration)
      try tables(queue)
      try queue.close()
      try AtomicFile.move(URL(fileURLWithPath: temporary), to: file)
    } catch {
      unlink(temporary)
      throw error
    }
  }
}
