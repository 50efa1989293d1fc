import FederatedCore
import FederatedRuntime
import Foundation
import Simulator
import StudyProtocol

/// A small study on generated tables of a few sites, in a folder of its own.
struct Clinic {
  let folder: URL
  /// The study's requirements for its sites, as written in the study file.
  var sites = "{required: [north, south]}"
  var rounds = 3
  var seed = 7
  /// As written in the study file.
  var optimizer = "{name: adam, learning-rate: 0.05}"
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
      rows[site] = (0..<(patients[site] ?? 0)).map { number in
        let isIll = number.isMultiple(of: 2)
        let marker = 4 * generator.nextUnit() + (isIll ? 2 : -2)
        return "\(number),\(20 + Int(60 * generator.nextUnit())),\(marker),\(isIll ? 1 : 0)"
      }
    }
  }

  private var studyText: String {
    """
    study: {name: clinic, version: 1, title: Disease from two findings, task: classification, seed: \(seed)}
    elements:
      - {name: patient, kind: identifier, role: group}
      - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
      - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
      - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
    preprocessing: [{standardise: {method: range, using: elements}}]
    model: {architecture: mlp, hidden: [4]}
    training:
      loss: cross-entropy
      optimizer: \(optimizer)
      batch-size: 4
      local-epochs: 1
    federation: {workflow: fedavg, rounds: \(rounds), sites: \(sites)}
    evaluation:
      metrics: [auc, accuracy]
      split: {by: patient, test: 0.3, validation: 0.2}
      bootstrap: {replicates: 20}
      select-best-on: \(selection)

    """
  }

  /// Writes the tables and returns the simulation's configuration.
  func configuration(
    arms: [String] = ["local", "pooled", "fedavg"], workers: Int = 2, resume: Bool = false,
    run: String = "run"
  ) throws -> SimulationConfiguration {
    let study = try Study(yaml: studyText)
    let sites = try rows.keys.sorted().map { name in
      let table = folder.appending(path: "\(name).csv")
      let text = (["patient,age,marker,disease"] + (rows[name] ?? [])).joined(separator: "\n") + "\n"
      try text.write(to: table, atomically: true, encoding: .utf8)
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

/// Calls `body` with a folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "consilium-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
