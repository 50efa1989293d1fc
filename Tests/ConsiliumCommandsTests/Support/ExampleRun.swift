import FederatedCore
import Foundation
import ParameterFiles
import Reporting

/// Writes a run folder as `simulate` would, with two sites, the arms local and fedavg, and models of three
/// parameters.
enum ExampleRun {
  static let sites = [SiteID("first"), SiteID("second")]

  static func model(_ value: Float) -> ModelParameters {
    ModelParameters(
      layout: ParameterLayout(entries: [.init(name: "fc.weight", shape: [1, 3])]), values: [value, 0, 0])
  }

  /// - Parameter auc: The AUC of `local first`, `local second` and `fedavg`, at both sites.
  static func write(to folder: URL, auc: [Double] = [0.6, 0.7, 0.8]) throws {
    let models = folder.appending(path: "models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    let results = try zip(["local-first", "local-second", "fedavg"], auc).enumerated().map { index, item in
      let model = model(Float(index))
      try ParameterFile.write(model, to: models.appending(path: "\(item.0).safetensors"))
      return ModelResults(
        site: index < 2 ? sites[index] : nil, digest: ParameterDigest.sha256(of: model),
        file: "models/\(item.0).safetensors", parameterCount: 3, selectedRound: 2,
        test: sites.map { SiteResult(site: $0, evaluation: evaluation(auc: item.1)) })
    }
    let arms = [
      ArmResults(
        name: "local", kind: .local, summary: "Each site alone.", rounds: [], models: Array(results[..<2]),
        stepCount: 10, seconds: 1),
      ArmResults(
        name: "fedavg", kind: .federated, summary: "Together.", rounds: [], models: [results[2]],
        stepCount: 10,
        seconds: 1),
    ]
    try Report(study(with: arms)).write(to: folder)
  }

  private static func evaluation(auc: Double) -> SiteEvaluation {
    SiteEvaluation(
      patientCount: 12, exampleCount: 12, loss: nil,
      metrics: [
        MetricEstimate(name: "auc", value: auc, patientCount: 12, replicates: [auc - 0.1, auc + 0.1])
      ])
  }

  private static func study(with arms: [ArmResults]) -> StudyResults {
    StudyResults(
      study: StudyHeader(
        name: "clinic", version: 3, title: "Disease from two findings", task: "classification", digest: "00",
        explanation: "", metrics: ["auc"]),
      status: .finished, sites: sites.map { SiteSummary(site: $0, isRequired: true, parts: []) }, arms: arms,
      environment: environment)
  }

  private static var environment: EnvironmentRecord {
    EnvironmentRecord(
      command: "consilium simulate study.yaml", seed: 7, threads: 2, workers: 1, device: "cpu",
      cpuFeatures: [],
      precision: "fp32", memoryFormat: "contiguous", versions: [], started: "", ended: "")
  }
}
