import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import Simulator
import StudyProtocol
import TestSupport
import Testing

extension SimulationTests {
  /// Cases of `SiteTrainingTests/Fixtures/Field` as whole simulations.
  struct FieldTests {
    private static let cases = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "SiteTrainingTests/Fixtures/Field")

    private func configuration(_ path: String, arms: [String], in folder: URL) throws
      -> SimulationConfiguration
    {
      let root = Self.cases.appending(path: path)
      let text = try String(contentsOf: root.appending(path: "study.yaml"), encoding: .utf8)
      let study = try Study(yaml: text)
      let sites = try SiteFile(file: root.appending(path: "sites.yaml"), study: study)
      return SimulationConfiguration(
        study: study, studyText: text, sites: try sites.sites(for: study, dataRoot: root), dataRoot: root,
        runFolder: folder.appending(path: "run"), arms: arms, workers: 2, resume: false, command: "test")
    }

    @Test func lossThatIsNotANumberIsReportedAndEndsNoWorker() async throws {
      try await withTemporaryFolder { folder in
        let events = EventLog()
        let configuration = try configuration("engine-errors/nan_loss", arms: ["fedavg"], in: folder)
        let results = try await Simulation(configuration).run(events: events.append).results
        guard case .partial(_, let reason) = results.status else {
          Issue.record("the study is \(results.status)")
          return
        }
        let said = "the training loss is not a number in round 1 at step 2; lower the learning rate"
        #expect(reason.contains(said), "\(reason)")
        #expect(reason.ranges(of: "not a number").count == 1)
        #expect(!reason.contains("signal"))
        #expect(events.replacedWorkers.isEmpty)
      }
    }

    @Test func imagesOfDifferentSizesAreRefusedBeforePooling() async throws {
      try await withTemporaryFolder { folder in
        let events = EventLog()
        let pooled = try configuration("pooled-sizes/two_sites", arms: ["pooled", "fedavg"], in: folder)
        let error = await #expect(throws: ConsiliumError.self) {
          try await Simulation(pooled).run(events: events.append)
        }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains("alpha has 24×24, beta has 32×32; nothing was trained") == true)
        #expect(events.committedRounds.isEmpty)
      }
    }

    /// Sites may have images of different sizes unless an arm pools the data.
    @Test func imagesOfDifferentSizesTrainWithoutPooling() async throws {
      try await withTemporaryFolder { folder in
        let apart = try configuration("pooled-sizes/two_sites", arms: ["fedavg"], in: folder)
        #expect(try await Simulation(apart).run().results.status == .finished)
      }
    }

    @Test func pooledModelTrainsOnEverySitesExamples() async throws {
      try await withTemporaryFolder { folder in
        let control = try configuration("pooled-sizes/control", arms: ["local", "pooled"], in: folder)
        let results = try await Simulation(control).run().results
        let examples = { (arm: String) in
          results.arms.first { $0.name == arm }?.rounds.first?.training.map(\.summary.exampleCount) ?? []
        }
        // Each patient has six slices. The hash puts seven of the twelve patients into the training set and
        // three into the test set.
        #expect(examples("pooled") == [42])
        let together = results.arms.flatMap(\.models).compactMap { $0.together?.patientCount }
        #expect(Set(together) == [3])
      }
    }

    @Test func siteOfOtherDimensionsIsRefusedBeforeTraining() async throws {
      try await withTemporaryFolder { folder in
        let events = EventLog()
        let mixed = try configuration("dimensions/site_differs", arms: ["fedavg"], in: folder)
        let error = await #expect(throws: ConsiliumError.self) {
          try await Simulation(mixed).run(events: events.append)
        }
        #expect(error?.code == .invalidInput)
        #expect(
          error?.message.contains("site 'beta': ") == true && error?.message.contains("'alpha'") == false)
        #expect(error?.message.contains("the study declares 3 dimensions and the file has 2") == true)
        #expect(events.committedRounds.isEmpty)
      }
    }
  }
}
