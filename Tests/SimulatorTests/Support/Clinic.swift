import FederatedCore
import FederatedRuntime
import Foundation
import Simulator
import StudyProtocol
import TestSupport

/// A small study on generated tables of a few sites, in a separate folder.
struct Clinic {
  let folder: URL
  /// The study's requirements for its sites, as written in the study file.
  var sites = "{required: [north, south]}"
  var rounds = 3
  /// As written in the study file.
  var workflow = "fedavg"
  var seed = 7
  /// As written in the study file.
  var optimizer = "{name: adam, learning-rate: 0.05}"
  /// As written in the study file.
  var hidden = "[4]"
  /// Further lines of the section `training`.
  var training: [String] = []
  /// `validation` or `last`: the rule that chooses the round.
  var selection = "validation"
  /// The rows of each site: number, marker and code of the disease.
  var rows: [String: [String]]

  /// - Parameter seed: The seed of the generated rows.
  init(in folder: URL, patients: [String: Int] = ["north": 24, "south": 18], seed: UInt64 = 1) {
    self.folder = folder
    var generator = RandomStream(seed: seed)
    rows = [:]
    for site in patients.keys.sorted() {
      rows[site] = ClinicTable.rows(patients[site] ?? 0, from: &generator)
    }
  }

  private var studyText: String {
    var study = ClinicStudy()
    study.seed = seed
    study.optimizer = optimizer
    study.hidden = hidden
    study.training = training
    study.rounds = rounds
    study.sites = sites
    study.workflow = workflow
    study.selection = selection
    study.evaluation = ["bootstrap: {replicates: 20}"]
    return study.text
  }

  /// Writes the tables and returns the simulation's configuration.
  func configuration(
    arms: [String] = ["local", "pooled", "fedavg"], workers: Int = 2, resume: Bool = false,
    run: String = "run"
  ) throws -> SimulationConfiguration {
    let study = try Study(yaml: studyText)
    let sites = try rows.keys.sorted().map { name in
      try ClinicTable.write(rows[name] ?? [], to: folder.appending(path: "\(name).csv"))
      return SiteDefinition(
        name: SiteID(name), table: SiteTable(source: .csv(file: "\(name).csv", columns: nil, delimiter: nil)))
    }
    return SimulationConfiguration(
      study: study, studyText: studyText, sites: sites, dataRoot: folder,
      runFolder: folder.appending(path: run), arms: arms, workers: workers, resume: resume, command: "test")
  }
}

extension SimulationOutcome {
  /// The digest of each final model, by file name.
  var digests: [String: String] {
    Dictionary(uniqueKeysWithValues: results.arms.flatMap(\.models).map { ($0.file, $0.digest) })
  }
}
