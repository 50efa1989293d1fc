import FederatedCore
import Foundation
import Reporting
import Simulator
import TestSupport
import Testing

extension SimulationTests {
  /// Trains models in all available ways, in one run.
  struct ArmTests {
    private static let arms = [
      "local", "pooled", "fedavg", "fedprox", "fedadam", "scaffold", "median", "cyclic", "iil", "ciil",
    ]

    /// With two sites, the default trim leaves out none.
    @Test func aTrimmedMeanOfTwoSitesIsRefused() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let error = await #expect(throws: ConsiliumError.self) {
          try await Simulation(clinic.configuration(arms: ["trimmed-mean"])).run()
        }
        #expect(error?.code == .invalidInput)
        #expect(
          error?.message.contains("the arm 'trimmed-mean' cannot run: a round may have 2 sites") == true)
      }
    }

    @Test func everyArmFinishesAndIsReported() async throws {
      try await withTemporaryFolder { folder in
        // With few validation patients, no turn of incremental learning is better than the first.
        var clinic = Clinic(in: folder, patients: ["north": 60, "south": 50])
        (clinic.rounds, clinic.selection) = (2, "last")
        clinic.optimizer = "{name: sgd, learning-rate: 0.05}"
        let outcome = try await Simulation(clinic.configuration(arms: Self.arms)).run()
        let results = outcome.results
        #expect(results.status == .finished)
        #expect(results.arms.map(\.name) == Self.arms)
        // Every model is tested at every site.
        for arm in results.arms {
          #expect(arm.models.count == (arm.kind == .local ? 2 : 1))
          for model in arm.models {
            #expect(model.test.map(\.site.rawValue) == ["north", "south"])
            #expect(model.test.allSatisfy { $0.evaluation["accuracy"]?.replicates.count == 20 })
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: "run/\(model.file)").path))
          }
        }
        #expect(results.dropped.isEmpty)
        #expect(Set(outcome.digests.values).count == 11)
        let rounds = results.arms.map(\.rounds.count)
        #expect(rounds == [2, 2, 2, 2, 2, 2, 2, 2, 1, 2], "iil is a single cycle")
      }
    }

    /// The ensemble of a single model is that model.
    @Test func localModelsPredictTogether() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        (clinic.rounds, clinic.selection) = (2, "last")
        let results = try await Simulation(clinic.configuration(arms: ["local", "ensemble"])).run().results
        let matrix = ResultMatrix(results, metric: "accuracy")
        #expect(matrix.rows.map(\.label) == ["local north", "local south", "ensemble"])
        #expect(results.arms[1].kind == .ensemble && results.arms[1].stepCount == 0)
        #expect(results.arms[1].models[0].test.map(\.site.rawValue) == ["north", "south"])
        #expect(
          results.arms[1].models[0].test.allSatisfy { $0.evaluation["accuracy"]?.replicates.count == 20 })
        var alone = Clinic(in: folder, patients: ["north": 24])
        (alone.rounds, alone.selection, alone.sites) = (2, "last", "{}")
        let one = try await Simulation(alone.configuration(arms: ["local", "ensemble"], run: "alone")).run()
        let models = one.results.arms.flatMap(\.models)
        #expect(models[0].test[0].evaluation.metrics == models[1].test[0].evaluation.metrics)
        #expect(models[0].digest != models[1].digest)
      }
    }

    @Test(arguments: [
      (["ensemble"], "name that arm, too"), (["local", "ensemble-staple"], "combines masks"),
    ]) func ensembleThatCannotRunIsRefused(arms: [String], reason: String) async throws {
      try await withTemporaryFolder { folder in
        let error = await #expect(throws: ConsiliumError.self) {
          try await Simulation(Clinic(in: folder).configuration(arms: arms)).run()
        }
        #expect(error?.code == .invalidInput && error?.message.contains(reason) == true)
      }
    }

    /// Two of three sites are drawn in each round, and all three within two rounds.
    @Test func drawnSitesTrain() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder, patients: ["east": 20, "north": 24, "south": 18])
        (clinic.rounds, clinic.sites, clinic.selection) = (4, "{}", "last")
        clinic.workflow = "fedavg, sampling: {sites: 2}"
        let outcome = try await Simulation(
          clinic.configuration(arms: ["fedavg", "cyclic"], workers: 1, run: "one")
        ).run()
        let drawn = try #require(outcome.results.arms.first).rounds.map { $0.training.compactMap(\.site) }
        #expect(drawn.allSatisfy { $0.count == 2 })
        #expect(Set(drawn[0] + drawn[1]).count == 3 && Set(drawn[2] + drawn[3]).count == 3)
        #expect(outcome.results.dropped.isEmpty)
        let cycles = try #require(outcome.results.arms.last).rounds.map(\.training.count)
        #expect(cycles == [3, 3, 3, 3], "a model that visits every site draws none")
        let again = try await Simulation(
          clinic.configuration(arms: ["fedavg", "cyclic"], workers: 2, run: "two")
        ).run()
        #expect(again.digests == outcome.digests)
        clinic.workflow = "fedavg"
        let all = try await Simulation(clinic.configuration(arms: ["fedavg", "cyclic"], run: "all")).run()
        #expect(all.digests["models/fedavg.safetensors"] != outcome.digests["models/fedavg.safetensors"])
        #expect(all.digests["models/cyclic.safetensors"] == outcome.digests["models/cyclic.safetensors"])
      }
    }

    @Test func theOrderOfCyclesChangesTheModel() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder, patients: ["east": 20, "north": 24, "south": 18])
        (clinic.rounds, clinic.sites, clinic.selection) = (2, "{}", "last")
        var digests: Set<String?> = []
        for order in ["fixed", "rotated", "random"] {
          clinic.workflow = "{name: cyclic, order: \(order)}"
          let outcome = try await Simulation(clinic.configuration(arms: ["cyclic"], run: order)).run()
          digests.insert(outcome.digests.values.first)
        }
        #expect(digests.count == 3)
      }
    }

    /// Each row is a patient here, so the accuracy over all is the sites' mean, weighted by their patients.
    @Test func poolingRunTestsAllPatientsAsOneGroup() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let results = try await Simulation(clinic.configuration()).run().results
        for model in results.arms.flatMap(\.models) {
          let together = try #require(model.together)
          let sites = model.test.map(\.evaluation)
          let patients = sites.map(\.patientCount).reduce(0, +)
          #expect(together.patientCount == patients)
          let right = try sites.map { try #require($0["accuracy"]).value * Double($0.patientCount) }
          let accuracy = try #require(together["accuracy"]).value
          #expect(abs(accuracy - right.reduce(0, +) / Double(patients)) < 1e-6)
        }
        let apart = try await Simulation(clinic.configuration(arms: ["local", "fedavg"], run: "apart")).run()
        #expect(apart.results.arms.flatMap(\.models).allSatisfy { $0.together == nil })
      }
    }

    @Test func siteNamedPooledIsRefused() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder, patients: ["pooled": 24, "south": 18])
        clinic.sites = "{required: [south]}"
        let configuration = try clinic.configuration()
        let error = #expect(throws: ConsiliumError.self) { try Simulation(configuration) }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains("a site is called 'pooled'") == true)
      }
    }

    @Test func scaffoldIsRefusedWithAnAdaptiveOptimizer() async throws {
      try await withTemporaryFolder { folder in
        let configuration = try Clinic(in: folder).configuration(arms: ["local", "scaffold"])
        let error = #expect(throws: ConsiliumError.self) { try Simulation(configuration) }
        #expect(error?.code == .invalidInput)
        #expect(
          error?.message.contains("derived for plain SGD, and with adam the model does not learn") == true)
      }
    }

    /// All arms train the same amount, since the study sets nothing else.
    @Test func armsTakeTheSameNumberOfSteps() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let results = try await Simulation(clinic.configuration(arms: ["local", "fedavg"])).run().results
        #expect(results.arms[0].stepCount == results.arms[1].stepCount)
        #expect(results.arms[0].stepCount > 0)
      }
    }

    @Test func theReportNamesEverySite() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let outcome = try await Simulation(clinic.configuration(arms: ["local", "fedavg"])).run()
        let page = try String(contentsOf: outcome.report, encoding: .utf8)
        #expect(page.contains("north") && page.contains("south"))
        let run = folder.appending(path: "run")
        for file in ["report.json", "rounds.csv", "matrix.csv", "study.yaml", "study.json", "run.sqlite"] {
          #expect(FileManager.default.fileExists(atPath: run.appending(path: file).path), "\(file)")
        }
        let kept = try Report(json: Data(contentsOf: run.appending(path: "report.json"))).results
        #expect(kept.arms == outcome.results.withoutReplicates().arms)
        let patients = kept.sites.map { $0.parts.reduce(0) { $0 + $1.patients } }
        #expect(patients == [24, 18])
      }
    }

    @Test(arguments: [
      (["fedavgg"], "there is no arm 'fedavgg'"), (["local", "local"], "named twice"),
    ])
    func unknownAndDoubleArmsAreRefused(arms: [String], message: String) async throws {
      try await withTemporaryFolder { folder in
        let configuration = try Clinic(in: folder).configuration(arms: arms)
        let error = #expect(throws: ConsiliumError.self) { try Simulation(configuration) }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains(message) == true)
      }
    }
  }
}
