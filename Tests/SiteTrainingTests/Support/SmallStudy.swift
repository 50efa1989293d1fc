import FederatedCore
import StudyProtocol
import Torch

@testable import SiteTraining

/// Studies on two numbers or on small images, without files.
enum SmallStudy {
  static func table(optimizer: String = "{name: sgd, learning-rate: 0.1}", batchSize: Int = 8) throws -> Study
  {
    try Study(
      yaml: """
        study: {name: small, version: 1, title: Two numbers, task: classification, seed: 5}
        elements:
          - {name: a, kind: number, role: input, unit: "1", range: [-10, 10]}
          - {name: b, kind: number, role: input, unit: "1", range: [-10, 10]}
          - {name: y, kind: category, role: target, values: {0: absent, 1: present}}
        model: {architecture: linear}
        training:
          loss: binary-cross-entropy
          optimizer: \(optimizer)
          batch-size: \(batchSize)
          local-epochs: 1
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [auc, accuracy, calibration], split: {test: 0.2}}

        """)
  }

  /// Rows of two numbers, all in one part. Every other row has class 1 and larger numbers.
  static func data(count: Int, part: DataPart = .training) -> SessionData {
    var generator = RandomStream(seed: 11)
    let rows = (0..<count).map { row in
      let shift = row.isMultiple(of: 2) ? 0.0 : 1
      return [Float(generator.nextUnit() + shift), Float(generator.nextUnit() - shift)]
    }
    return SessionData(
      source: TableSource(rows: rows, targets: .classes((0..<count).map { Int64($0 % 2) })),
      patients: (0..<count).map { .init(site: SiteID("north"), part: part, records: [$0..<($0 + 1)]) })
  }

  static func network(_ study: Study) throws -> Network {
    let model = try ModelRegistry.makeModel(
      study.model, for: ModelShape(inputs: 2, outputs: 1, dimensions: 0), generator: Generator(seed: 3))
    return try Network(
      module: model,
      criterion: try Criterion(study.training, classCount: 2, classWeights: nil, device: .cpu),
      arithmetic: Arithmetic(for: study, dimensions: 0, on: .cpu), batchSize: study.training.batchSize)
  }
}
