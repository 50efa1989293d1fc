import FederatedCore
import Foundation
import Simulator
import TestSupport
import Testing

extension SimulationTests {
  /// Tests which sites take part, and what happens to sites whose data violate the common data elements.
  struct AdmissionTests {
    /// Runs a study that must be refused before anything trains.
    private func refusal(of clinic: Clinic) async throws -> ConsiliumError {
      let log = EventLog()
      let simulation = try Simulation(clinic.configuration())
      let error = await #expect(throws: ConsiliumError.self) { try await simulation.run(events: log.append) }
      #expect(log.committedRounds.isEmpty)
      return try #require(error)
    }

    @Test(arguments: [
      ("24,419,1.0,1", "age"), ("24,41,NaN,1", "marker"), ("24,41,inf,1", "marker"),
      ("24,41,1.0,7", "disease"),
      ("24,41,,1", "marker"),
    ])
    func aRequiredSiteWhoseDataBreakTheAgreementStopsTheStudy(row: String, element: String) async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.rows["south"]?.append(row)
        let error = try await refusal(of: clinic)
        #expect(error.code == .invalidInput)
        #expect(error.exitStatus == 2)
        #expect(error.message.contains("site 'south': element '\(element)', 1 record: "))
        #expect(error.message.contains("south.csv"))
        #expect(!error.message.contains("419") && !error.message.contains("7,"))
      }
    }

    @Test func optionalSiteWithInvalidDataIsLeftOutAndListed() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder, patients: ["east": 20, "north": 24, "south": 18])
        clinic.rows["east"]?.append("20,419,1.0,1")
        let results = try await Simulation(clinic.configuration()).run().results
        #expect(results.status == .finished)
        #expect(results.dropped.map(\.site.rawValue) == ["east"])
        // The generated sites number their patients alike, which causes a warning.
        #expect(results.findings.map(\.site.rawValue) == ["east", "north", "south"])
        #expect(results.findings[1].message.contains("also occur at other sites (21 at 'east')"))
        #expect(results.arms.flatMap(\.models).map(\.site?.rawValue) == ["north", "south", nil, nil])
        #expect(results.sites.map(\.site.rawValue) == ["east", "north", "south"])
        #expect(results.sites[0].parts.isEmpty)
      }
    }

    @Test func tooFewSitesStopTheStudy() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.sites = "{minimum: 2}"
        clinic.rows["south"] = ["0,419,1.0,1"]
        let error = try await refusal(of: clinic)
        #expect(error.code == .invalidInput)
        #expect(error.message.contains("only 1 site can take part; the study needs 2"))
      }
    }

    @Test func aSiteWithoutDataIsRefused() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.rows["south"] = []
        let error = try await refusal(of: clinic)
        #expect(error.code == .invalidInput)
        #expect(error.message.contains("south"))
      }
    }

    @Test func noSiteIsRefused() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.sites = "{minimum: 1}"
        clinic.rows = [:]
        let error = try await refusal(of: clinic)
        #expect(error.code == .invalidInput)
      }
    }

    @Test func aRequiredSiteThatDoesNotExistIsRefused() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.sites = "{required: [north, west]}"
        let error = try await refusal(of: clinic)
        #expect(error.code == .invalidInput)
        #expect(error.message.contains("west"))
      }
    }

    @Test func aSiteWithOnePatientIsRefused() async throws {
      try await withTemporaryFolder { folder in
        let error = try await refusal(of: Clinic(in: folder, patients: ["north": 24, "south": 1]))
        #expect(error.code == .invalidInput)
        #expect(error.message.contains("site 'south': 1 record: the site has only one patient"))
      }
    }

    /// One patient is in the training set and one in the test set.
    @Test func aSiteWithTwoPatientsTakesPart() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder, patients: ["north": 24, "south": 2])
        let results = try await Simulation(clinic.configuration()).run().results
        #expect(results.status == .finished)
        #expect(try #require(results.sites.last).parts.map(\.patients) == [1, 0, 1])
        #expect(results.arms.last?.models.first?.test.last?.evaluation.patientCount == 1)
      }
    }

    /// The AUC is not defined for one class and is left out, but the accuracy is reported.
    @Test func aSiteWithOneClassTakesPart() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.rows["south"] = (0..<12).map { "\($0),\(30 + $0),1.5,1" }
        let results = try await Simulation(clinic.configuration()).run().results
        let south = try #require(results.arms.last?.models.first?.test.last).evaluation
        #expect(south["auc"] == nil)
        #expect(south["accuracy"] != nil)
      }
    }
  }
}
