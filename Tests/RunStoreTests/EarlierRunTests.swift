import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import RunStore

/// A run folder of version 0.1 with protocol 4 whose program was killed after the second round of SCAFFOLD.
struct EarlierRunTests {
  private let arm = "scaffold"
  private let layout = ParameterLayout(entries: [
    .init(name: "weight", shape: [1, 1]), .init(name: "bias", shape: [1]),
  ])

  private func withCopy(_ body: (URL) async throws -> Void) async throws {
    let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    try await withTemporaryFolder { folder in
      let copy = folder.appending(path: "run")
      try FileManager.default.copyItem(at: fixtures.appending(path: "EarlierRun"), to: copy)
      try await body(copy)
    }
  }

  private func definition(of folder: URL) throws -> RunDefinition {
    RunDefinition(
      identity: try RunReader(folder).identity(), studyText: "", canonicalStudy: "", canonicalSites: [])
  }

  private func values(_ values: [Float]) -> ModelParameters {
    ModelParameters(layout: layout, values: values)
  }

  @Test func runOfEarlierVersionIsReadWithoutMigration() async throws {
    try await withCopy { folder in
      let reader = try RunReader(folder)
      #expect(try !reader.identity().hasOtherRules)
      #expect(
        try reader.records(of: arm).map(\.modelDigest) == [
          "1ae991643009eb9b3be323f0fea2f0d32446b72d6a2ec6a6b50c3d6ac400848e",
          "0e05a0a4296243f525b899f36f9af19c3f10382cdd3edd1718c2c5e1386a847d",
        ])
    }
  }

  /// The expected values were read from the files with Python.
  @Test func runOfEarlierVersionContinuesAfterItsLastRound() async throws {
    try await withCopy { folder in
      let definition = try definition(of: folder)
      let store = try RunStore(folder, for: definition, resume: true)
      var checkpoint = try #require(try await store.lastCheckpoint(of: arm))
      #expect(checkpoint.record.round == 2)
      #expect(checkpoint.model == values([1.2898225784301758, -0.7283041477203369]))
      #expect(checkpoint.serverState.parts == [values([-0.018086407333612442, 0.009004218503832817])])
      #expect(
        checkpoint.siteStates.mapValues(\.parts) == [
          SiteID("north"): [values([-0.018637042492628098, 0.01735549420118332])],
          SiteID("south"): [values([-0.017535770311951637, 0.0006529428064823151])],
        ])
      // What later versions add to the database.
      let sites = [SiteID("north"), SiteID("south")]
      #expect(try await store.commit(sites, of: arm, at: .init(round: 3, stage: 0)) == sites)
      #expect(try await store.commit([SiteID("south")], of: arm, at: .init(round: 3, stage: 0)) == sites)
      checkpoint.record.round = 3
      try await store.commit(checkpoint)
      try await store.close()
      #expect(try RunReader(folder).records(of: arm).map(\.round) == [1, 2, 3])
    }
  }
}
