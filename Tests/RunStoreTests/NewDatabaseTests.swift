import FederatedCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import RunStore

/// A run's database is there as a whole or not at all.
struct NewDatabaseTests {
  @Test func databaseOfAnInterruptedCreationIsCompleted() async throws {
    try await withTemporaryFolder { folder in
      // Earlier versions created the database in place. These are the states that a crash left.
      for statements in ["", "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)"] {
        let run = folder.appending(path: "run-\(statements.count)")
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        let half = try DatabaseQueue(path: run.appending(path: "run.sqlite").path)
        try await half.write { try $0.execute(sql: statements) }
        try half.close()
        let store = try RunStore(run, for: RunFixture.definition(), resume: false)
        try await store.commit(RunFixture.checkpoint(round: 1))
        #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 1))
      }
    }
  }

  @Test func foreignDatabaseIsRefused() throws {
    try withTemporaryFolder { folder in
      let other = try DatabaseQueue(path: folder.appending(path: "run.sqlite").path)
      try other.write { try $0.execute(sql: "CREATE TABLE grdb_migrations (a); CREATE TABLE patient (a)") }
      try other.close()
      let error = #expect(throws: ConsiliumError.self) {
        try RunStore(folder, for: RunFixture.definition(), resume: true)
      }
      #expect(error?.message.contains("is not the database of a run; choose another folder") == true)
    }
  }

  @Test func failedCreationLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "run.sqlite")
      #expect(throws: DatabaseError.self) {
        try NewDatabase.create(file) { queue in
          try queue.write { try $0.execute(sql: "CREATE TABLE a (b)") }
          try queue.write { try $0.execute(sql: "CREATE TABLE a (b)") }
        }
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.isEmpty)
    }
  }

  /// The write-ahead log of a database that was removed would damage a new one.
  @Test func newDatabaseHasNoJournalOfAnEarlierOne() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "run.sqlite")
      for suffix in ["-wal", "-shm", "-journal"] {
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: file.path + suffix))
      }
      try NewDatabase.create(file) { try $0.write { try $0.execute(sql: "CREATE TABLE a (b)") } }
      let queue = try DatabaseQueue(path: file.path)
      #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
      #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "delete")
      try queue.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["run.sqlite"])
    }
  }

  @Test func temporaryFilesOfACrashAreRemoved() async throws {
    try await withTemporaryFolder { folder in
      try await RunStore(folder, for: RunFixture.definition(), resume: false).close()
      for name in [".run.sqlite.4711-3x-1.part", ".study.yaml.4711-3x-2.part", ".dat.nosync1F.aBc"] {
        try Data("half".utf8).write(to: folder.appending(path: name))
      }
      let store = try RunStore(folder, for: RunFixture.definition(), resume: true)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(!names.contains { $0.hasSuffix(".part") || $0.hasPrefix(".dat") })
      try await store.close()
    }
  }
}
