import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import GRDB
import TestSupport
import Testing

@testable import RunStore

struct RunOpeningTests {
  @Test func writesTheStudyAndItsSites() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder.appending(path: "a/run"), for: RunFixture.definition(), resume: true)
      #expect(
        try String(contentsOf: store.folder.studyText, encoding: .utf8)
          == "study: {name: lgg-flair} # as written\n")
      let sites = try JSONDecoder().decode(
        [[String: String]].self, from: Data(contentsOf: store.folder.sites))
      #expect(sites == [["name": "A"], ["name": "B"]])
      #expect(try store.reader.identity() == RunFixture.definition().identity)
    }
  }

  @Test func secondWriterIsRefusedNamingTheFirst() async throws {
    try await withTemporaryFolder { folder in
      var store: RunStore? = try RunStore(folder, for: RunFixture.definition(), resume: false)
      try expectRefusal(folder, RunFixture.definition(), code: .unavailable, "in use by process \(getpid())")
      try await store?.close()
      store = nil
      _ = try RunStore(folder, for: RunFixture.definition(), resume: true)
    }
  }

  @Test func startingChildProcessDoesNotHoldTheRunLock() async throws {
    try await withTemporaryFolder { folder in
      var store: RunStore? = try RunStore(folder, for: RunFixture.definition(), resume: false)
      let lock = try #require(store?.folder.lock)
      let child = try #require(InheritedFile(lock))
      try await store?.close()
      store = nil
      _ = try RunStore(folder, for: RunFixture.definition(), resume: true)
      withExtendedLifetime(child) {}
    }
  }

  @Test func existingRunIsNotBegunAgain() async throws {
    try await withTemporaryFolder { folder in
      _ = try RunStore(folder, for: RunFixture.definition(), resume: false)
      try expectRefusal(folder, RunFixture.definition(), resume: false, "--resume")
    }
  }

  @Test(arguments: [
    (RunFixture.definition(studyDigest: "bb22"), "digest aa11, not 'lgg-flair' with digest bb22"),
    (RunFixture.definition(sites: ["A": "d1"]), #"the sites are ["A", "B"], not ["A"]"#),
    (RunFixture.definition(sites: ["A": "d1", "B": "d9"]), "the definition of site 'B' differs"),
    (RunFixture.definition(seed: 8), "the seed is 7, not 8"),
    (RunFixture.definition(arms: ["local"]), #"the arms are ["fedavg"], not ["local"]"#),
    (RunFixture.definition(threads: 2), "the engine's threads are 1, not 2"),
  ])
  func differentRunIsRefusedNamingTheDifference(other: RunDefinition, message: String) async throws {
    try await withTemporaryFolder { folder in
      _ = try RunStore(folder, for: RunFixture.definition(), resume: false)
      try expectRefusal(folder, other, message)
    }
  }

  /// Version 0.1 stored no rules and split the data differently.
  @Test func runOfAnotherVersionIsReadButNotContinued() async throws {
    try await withTemporaryFolder { folder in
      let today = RunFixture.definition()
      var identity = today.identity
      identity.rules = nil
      let earlier = RunDefinition(
        identity: identity, studyText: today.studyText, canonicalStudy: today.canonicalStudy,
        canonicalSites: today.canonicalSites)
      try await RunStore(folder, for: earlier, resume: false).close()
      try expectRefusal(folder, today, "holds a run of another version of this program")
      try expectRefusal(folder, today, "Its report stays readable")
      let read = try RunReader(folder).identity()
      #expect(read.hasOtherRules && !today.identity.hasOtherRules)
      #expect(read.studyDigest == today.identity.studyDigest)
      // Results of finished rounds can still be written.
      try await RunStore(folder, for: today, resume: true, trains: false).close()
    }
  }

  @Test func folderWithOtherFilesIsRefusedUnchanged() async throws {
    try await withTemporaryFolder { folder in
      try Data([1]).write(to: folder.appending(path: "thesis.txt"))
      try expectRefusal(folder, RunFixture.definition(), "'thesis.txt'")
      #expect(try RunFixture.files(in: folder) == ["thesis.txt"])
      try expectRefusal(folder.appending(path: "thesis.txt"), RunFixture.definition(), "is a file")
    }
  }

  @Test func anotherFormatVersionIsRefused() async throws {
    try await withTemporaryFolder { folder in
      _ = try RunStore(folder, for: RunFixture.definition(), resume: false)
      try await DatabaseQueue(path: folder.appending(path: "run.sqlite").path(percentEncoded: false)).write {
        try $0.execute(sql: "PRAGMA user_version = 99")
      }
      try expectRefusal(folder, RunFixture.definition(), "format version 99")
      #expect(throws: ConsiliumError.self) { try RunReader(folder) }
    }
  }

  @Test func aForeignDatabaseIsRefused() async throws {
    try await withTemporaryFolder { folder in
      try await DatabaseQueue(path: folder.appending(path: "run.sqlite").path(percentEncoded: false)).write {
        try $0.execute(sql: "CREATE TABLE photos (id INTEGER)")
      }
      try expectRefusal(folder, RunFixture.definition(), "not the database of a run")
    }
  }

  @Test func aDamagedDatabaseIsNamed() async throws {
    try await withTemporaryFolder { folder in
      try Data(repeating: 0x5A, count: 8192).write(to: folder.appending(path: "run.sqlite"))
      try expectRefusal(folder, RunFixture.definition(), code: .storage, "is damaged")
    }
  }

  private func expectRefusal(
    _ folder: URL, _ run: RunDefinition, resume: Bool = true, code: ConsiliumError.Code = .invalidInput,
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = #expect(throws: ConsiliumError.self, sourceLocation: sourceLocation) {
      _ = try RunStore(folder, for: run, resume: resume)
    }
    let found = try #require(error)
    #expect(found.code == code, sourceLocation: sourceLocation)
    #expect(found.message.contains(message), "\(found.message)", sourceLocation: sourceLocation)
  }

  @Test func aRunThatOthersCouldReadIsClosedAndSaysSoOnce() async throws {
    try await withTemporaryFolder { folder in
      let before = umask(0o022)
      defer { umask(before) }
      let run = folder.appending(path: "run")
      try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
      for resume in [false, true] {
        let store = try RunStore(run, for: RunFixture.definition(), resume: resume)
        try await store.close()
        #expect(try openToOthers(in: folder) == [])
        #expect(try store.folder == RunFolder(run) && mode(of: run) == 0o700)
      }
      let reader = try RunReader(run)
      #expect(try reader.events().map(\.name) == ["access-closed"])
    }
  }
}
