import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import RunStore

struct RunJournalTests {
  @Test func closesAndResumesDuringAnotherRead() async throws {
    try await withTemporaryFolder { folder in
      let run = RunFixture.definition()
      var store: RunStore? = try RunStore(folder, for: run, resume: false)
      try await store?.commit(RunFixture.checkpoint(round: 1))
      let reader = try RunReader(folder)
      #expect(try reader.lastRound(of: "fedavg") == 1)
      try await store?.close()
      store = nil
      #expect(try RunReader(folder).records(of: "fedavg").count == 1)
      let resumed = try RunStore(folder, for: run, resume: true)
      try await resumed.commit(RunFixture.checkpoint(round: 2))
      #expect(try reader.lastRound(of: "fedavg") == 2)
      #expect(try reader.records(of: "fedavg", after: 1).map(\.round) == [2])
      try await resumed.close()
    }
  }

  @Test func committedRoundsSurviveReopening() async throws {
    try await withTemporaryFolder { folder in
      let run = RunFixture.definition()
      do {
        let store = try RunStore(folder, for: run, resume: false)
        for round in 1...3 { try await store.commit(RunFixture.checkpoint(round: round, best: 2)) }
        try await store.close()
      }
      let store = try RunStore(folder, for: run, resume: true)
      #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 3, best: 2))
      #expect(try await store.bestModel(of: "fedavg") == RunFixture.model(2))
      #expect(
        try await store.records(of: "fedavg")
          == (1...3).map { RunFixture.checkpoint(round: $0, best: 2).record })
      #expect(try await store.lastCheckpoint(of: "pooled") == nil)
      #expect(try await store.bestModel(of: "pooled") == nil)
    }
  }

  /// The journal in memory is the reference; the journal on disk must behave in the same way.
  @Test func agreesWithTheJournalInMemory() async throws {
    try await withTemporaryFolder { folder in
      let memory = InMemoryJournal()
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      for (arm, round, best) in [
        ("a", 1, 1), ("b", 1, 1), ("a", 2, 1), ("a", 3, 3), ("b", 2, 2), ("a", 4, 3),
      ] {
        memory.commit(RunFixture.checkpoint(arm, round: round, best: best))
        try await store.commit(RunFixture.checkpoint(arm, round: round, best: best))
        for arm in ["a", "b"] {
          #expect(try await store.lastCheckpoint(of: arm) == memory.lastCheckpoint(of: arm))
          #expect(try await store.bestModel(of: arm) == memory.bestModel(of: arm))
          #expect(try await store.records(of: arm) == memory.records(of: arm))
        }
      }
      #expect(try store.reader.arms() == ["a", "b"])
    }
  }

  @Test func reusesTheFilesOfEarlierRounds() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      let all = { try FileManager.default.contentsOfDirectory(atPath: store.folder.checkpoints.path) }
      for round in 1...4 { try await store.commit(RunFixture.checkpoint(round: round)) }
      #expect(try all().contains(".spare-0"))
      // A file that a reader holds, or that has a second name, must stay unchanged.
      let lent = folder.appending(path: "lent.safetensors")
      let digest = try #require(try await store.records(of: "fedavg").last?.modelDigest)
      try FileManager.default.linkItem(at: store.folder.checkpoint(digest), to: lent)
      let held = try ParameterFile.readModel(from: store.folder.checkpoint(digest))
      for round in 5...9 { try await store.commit(RunFixture.checkpoint(round: round)) }
      #expect(ParameterDigest.sha256(of: held) == digest)
      #expect(ParameterDigest.sha256(of: try ParameterFile.readModel(from: lent)) == digest)
      try FileManager.default.removeItem(at: lent)
      try await store.close()
      #expect(try all().allSatisfy { !$0.hasPrefix(".spare") } && all().count < 10)
    }
  }

  @Test func keepsTheLastTwoRoundsAndTheBest() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      for round in 1...9 { try await store.commit(RunFixture.checkpoint(round: round, best: 4)) }
      let files = { try RunFixture.files(in: folder).filter { $0.hasPrefix("checkpoints/") } }
      // Rounds 8 and 9 each have a model, a server state and one site's state. In addition, there are the
      // other site's unchanged state and the best model.
      #expect(try files().count == 8)
      let manifest = try Data(contentsOf: store.folder.manifest(arm: "fedavg", round: 1))
      #expect(
        try JSONDecoder().decode(RoundRecord.self, from: manifest)
          == RunFixture.checkpoint(round: 1, best: 4).record)
    }
  }

  /// The stored model lets callers pass the file on without writing it again.
  @Test func commitReturnsTheModelMappedFromItsFile() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      let checkpoint = RunFixture.checkpoint(round: 1)
      let stored = try #require(try await store.commit(checkpoint))
      #expect(stored == checkpoint.model)
      #expect(stored.buffer.source != nil)
      // A file that existed already may have been damaged since.
      var same = RunFixture.checkpoint(round: 2)
      (same.model, same.record.modelDigest) = (checkpoint.model, checkpoint.record.modelDigest)
      #expect(try await store.commit(same) == nil)
    }
  }

  @Test func aStrategyWithoutStateHasNone() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      var checkpoint = RunFixture.checkpoint(round: 1)
      checkpoint.serverState = NamedParts(NoParameters())
      checkpoint.siteStates = [:]
      try await store.commit(checkpoint)
      #expect(try await store.lastCheckpoint(of: "fedavg") == checkpoint)
    }
  }

  @Test func returnsThePreviousRoundIfTheLastIsDamaged() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      for round in 1...3 { try await store.commit(RunFixture.checkpoint(round: round)) }
      try damageModel(ofRound: 3, in: store.folder)
      #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 2))
      #expect(try await store.records(of: "fedavg").count == 2)
      // The repeated round is saved again.
      try await store.commit(RunFixture.checkpoint(round: 3))
      #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 3))
    }
  }

  @Test func keepsAllRoundsIfNoneIsIntact() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      for round in 1...2 { try await store.commit(RunFixture.checkpoint(round: round)) }
      for round in 1...2 { try damageModel(ofRound: round, in: store.folder) }
      let error = await #expect(throws: ConsiliumError.self) { try await store.lastCheckpoint(of: "fedavg") }
      #expect(error?.code == .storage && error?.message.contains("checkpoints/") == true)
      #expect(try await store.records(of: "fedavg").count == 2)
    }
  }

  /// Arm names may contain any characters, but paths may not.
  @Test(arguments: ["local-Św. Anna", "../escape", "a/b", ".hidden", "local-HT"])
  func anyArmNameIsAFolderName(arm: String) async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder.appending(path: "run"), for: RunFixture.definition(), resume: false)
      try await store.commit(RunFixture.checkpoint(arm, round: 1))
      #expect(try await store.lastCheckpoint(of: arm) == RunFixture.checkpoint(arm, round: 1))
      #expect(try RunFixture.files(in: folder).allSatisfy { $0.hasPrefix("run") })
    }
  }

  private func damageModel(ofRound round: Int, in folder: RunFolder) throws {
    let file = folder.checkpoint(RunFixture.checkpoint(round: round).record.modelDigest)
    var data = try Data(contentsOf: file)
    data[data.count - 1] ^= 0x40
    try data.write(to: file)
  }
}
