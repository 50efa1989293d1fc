import FederatedCore
import Foundation
import Reporting
import Simulator
import StudyProtocol
import TestSupport
import Testing

extension SimulationTests {
  /// Under a policy, a simulated site refuses and withholds the same as its agent would.
  struct PolicyTests {
    private let north = SiteID("north")
    private let south = SiteID("south")

    private func configuration(
      of clinic: Clinic, _ policies: [SiteID: SitePolicy], run: String = "run"
    ) throws -> SimulationConfiguration {
      var configuration = try clinic.configuration(arms: ["local", "fedavg"], run: run)
      configuration.policies = policies
      return configuration
    }

    @Test func modelsAreTheSameWithAndWithoutPolicies() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        // A site that withholds its validation does not influence the choice of a round.
        clinic.selection = "last"
        let policies = [
          north: SitePolicy(release: .init(minimumPatients: 3)),
          south: SitePolicy(release: .init(minimumPatients: 3)),
        ]
        let open = try await Simulation(configuration(of: clinic, [:])).run()
        let closed = try await Simulation(configuration(of: clinic, policies, run: "closed")).run()
        #expect(open.digests == closed.digests)
        #expect(open.results.withheld == nil)
      }
    }

    @Test func smallSetsReplicatesAndSingleResultsAreWithheld() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        // Of south's 18 patients, 5 are in the test set and 4 in the validation set.
        let policies = [south: SitePolicy(release: .init(minimumPatients: 5, calibration: false))]
        let outcome = try await Simulation(configuration(of: clinic, policies)).run()
        let results = outcome.results
        #expect(results.sites.first { $0.site == south }?.parts.map(\.part) == [.training, .test])
        for round in results.arms.flatMap(\.rounds) {
          for result in round.validation {
            #expect(result.evaluation.metrics.isEmpty == (result.site == south))
          }
        }
        let kept = try Report(json: Data(contentsOf: folder.appending(path: "run/report.json"))).results
        #expect(kept.withheld?.map(\.site) == [south, south])
        #expect(kept.withheld?.map(\.setting) == ["release.calibration", "release.minimum-patients"])
        for test in results.arms.flatMap(\.models).flatMap(\.test) {
          let evaluation = test.evaluation
          #expect(!evaluation.metrics.isEmpty)
          let metric = try #require(evaluation["auc"])
          if test.site != south {
            #expect(metric.interval == nil, "a site without a policy sends replicates")
          }
          #expect(evaluation.calibration.isEmpty == (test.site == south))
          #expect((evaluation.details?.cases.isEmpty ?? true) == (test.site == south))
        }
        let page = try String(contentsOf: outcome.report, encoding: .utf8)
        #expect(page.contains("Site south: the results will lack this site&#39;s reliability curve"))
      }
    }

    @Test func aRequiredSiteWhosePolicyRefusesStopsTheStudy() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let log = EventLog()
        let simulation = try Simulation(
          configuration(of: clinic, [south: SitePolicy(release: .init(localModels: false))]))
        let error = try await #require(throws: ConsiliumError.self) {
          try await simulation.run(events: log.append)
        }
        #expect(error.code == .invalidInput)
        #expect(
          error.message.contains("site 'south': its policy refuses the study: the study has the arm 'local'"))
        #expect(log.committedRounds.isEmpty)
      }
    }

    @Test func optionalSiteThatRefusesIsLeftOutWithItsReason() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder, patients: ["east": 20, "north": 24, "south": 18])
        let policies = [SiteID("east"): SitePolicy(accept: .init(maximumRounds: 2))]
        let results = try await Simulation(configuration(of: clinic, policies)).run().results
        #expect(results.status == .finished)
        #expect(results.dropped.map(\.site.rawValue) == ["east"])
        #expect(
          results.dropped[0].reason
            == "its policy refuses the study: the study has 3 rounds; at most 2 are allowed")
        #expect(Set(results.arms.flatMap(\.models).flatMap(\.test).map(\.site)) == [north, south])
      }
    }

    @Test func aModelThatIsTooLargeForThePolicyIsRefused() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let simulation = try Simulation(
          configuration(of: clinic, [north: SitePolicy(accept: .init(maximumParameters: 5))]))
        let error = try await #require(throws: ConsiliumError.self) { try await simulation.run() }
        #expect(error.message.contains("parameters; at most 5 are allowed"))
      }
    }

    @Test func runDoesNotResumeUnderAnotherPolicy() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        _ = try await Simulation(configuration(of: clinic, [:])).run()
        var configuration = try configuration(
          of: clinic, [south: SitePolicy(release: .init(minimumPatients: 2))])
        configuration.resume = true
        let error = try await #require(throws: ConsiliumError.self) {
          try await Simulation(configuration).run()
        }
        #expect(error.message.contains("the policy of site 'south' differs"))
      }
    }
  }
}
