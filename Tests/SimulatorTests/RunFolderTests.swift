import FederatedCore
import Foundation
import Simulator
import TestSupport
import Testing

extension SimulationTests {
  /// A run folder belongs to one run of one study.
  struct RunFolderTests {
    private func refusal(of configuration: SimulationConfiguration) async throws -> ConsiliumError {
      let simulation = try Simulation(configuration)
      return try #require(await #expect(throws: ConsiliumError.self) { try await simulation.run() })
    }

    @Test func anotherStudySeedOrSiteAndASecondRunAreRefused() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let first = try await Simulation(clinic.configuration(arms: ["fedavg"])).run()
        let again = try await refusal(of: clinic.configuration(arms: ["fedavg"]))
        #expect(again.code == .invalidInput)
        #expect(again.message.contains("--resume"))

        var others = [clinic, clinic, clinic]
        others[0].seed = 8
        others[1].rounds = 4
        others[2].rows["west"] = clinic.rows["north"]
        for other in others {
          let error = try await refusal(of: other.configuration(arms: ["fedavg"], resume: true))
          #expect(error.code == .invalidInput)
          #expect(error.message.contains("holds another run"))
        }

        // A finished run is read, not repeated.
        let log = EventLog()
        let resumed = try await Simulation(clinic.configuration(arms: ["fedavg"], resume: true))
          .run(events: log.append)
        #expect(resumed.digests == first.digests)
        #expect(log.committedRounds.isEmpty)
      }
    }

    @Test func twoRunsInOneFolderAreRefused() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let configuration = try clinic.configuration(arms: ["fedavg"], resume: true)
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            defer { start.finish() }
            _ = try await Simulation(configuration).run { _ in start.yield() }
          }
          for await _ in starts {
            let error = try await refusal(of: configuration)
            #expect(error.code == .unavailable)
            break
          }
          try await group.waitForAll()
        }
      }
    }

    @Test func folderWithOtherFilesIsRefusedUnchanged() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let error = try await refusal(of: clinic.configuration(run: "."))
        #expect(error.code == .invalidInput)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "run.sqlite").path))
      }
    }
  }
}
