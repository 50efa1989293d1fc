import FederatedCore
import Foundation
import StudyProtocol
import Testing
import Torch
import WorkerProtocol

@testable import SiteTraining

/// Logit adjustment against its equations (Menon et al. 2021, equation 10).
struct LogitAdjustmentTests {
  private static let settings = "optimizer: {name: sgd, learning-rate: 0.5}, batch-size: 20, local-steps: 1"

  private func study(_ training: String = "logit-adjustment: 1") throws -> Study {
    try Study(
      yaml: """
        study: {name: long-tail, task: classification}
        elements:
          - {name: a, kind: number, role: input, unit: "1", range: [-10, 10]}
          - {name: y, kind: category, role: target, values: {0: frequent, 1: rare, 2: absent}}
        model: {architecture: linear}
        training: {loss: cross-entropy, \(training), \(Self.settings)}
        federation: {workflow: fedavg, rounds: 1}
        evaluation: {metrics: [balanced-accuracy], split: {test: 0.2}}

        """)
  }

  /// The training set has 17 examples of the first class, 3 of the second and none of the third. The only
  /// example of the third class is in another part. The only input is always 0, so it carries no information.
  private var data: SessionData {
    let labels = [Int64](repeating: 0, count: 17) + [1, 1, 1, 2]
    return SessionData(
      source: TableSource(rows: labels.map { _ in [0] }, targets: .classes(labels)),
      patients: labels.indices.map {
        .init(site: SiteID("north"), part: $0 < 20 ? .training : .validation, records: [$0..<($0 + 1)])
      })
  }

  private func network(_ study: Study, _ offsets: [Float]?) throws -> Network {
    try Network(
      module: try ModelRegistry.makeModel(
        study.model, for: ModelShape(inputs: 1, outputs: 3, dimensions: 0), generator: Generator(seed: 3)),
      criterion: try Criterion(
        study.training, classCount: 3, classWeights: nil, logitOffsets: offsets, device: .cpu),
      arithmetic: Arithmetic(for: study, dimensions: 0, on: .cpu), batchSize: 20)
  }

  /// −log softmax(scores)[label].
  private func crossEntropy(_ scores: [Double], _ label: Int) -> Double {
    log(scores.map { exp($0) }.reduce(0, +)) - scores[label]
  }

  @Test func offsetsUseLaplaceFrequenciesOfTheTrainingSet() throws {
    let offsets = try #require(try LogitAdjustment.offsets(for: study("logit-adjustment: 0.5"), data: data))
    for (offset, frequency) in zip(offsets, [18.0 / 23, 4.0 / 23, 1.0 / 23]) {
      #expect(abs(Double(offset) - 0.5 * log(frequency)) < 1e-6)
    }
    #expect(LogitAdjustment.offsets(counts: [0, 0], strength: 1) == [Float(log(0.5)), Float(log(0.5))])
    #expect(try LogitAdjustment.offsets(for: study("threads: 1"), data: data) == nil)
  }

  @Test(arguments: [[2, 3], [2, 3, 1, 2]]) func scoresAreShiftedInTrainingOnly(shape: [Int]) throws {
    let criterion = try Criterion(
      study().training, classCount: 3, classWeights: nil, logitOffsets: [-0.1, -1.5, -3], device: .cpu)
    let scores: [[Double]] = [[0.3, -0.2, 1], [2, 0.5, -1]]
    let pixels = shape.dropFirst(2).reduce(1, *)
    let values = scores.flatMap { row in row.flatMap { [Float](repeating: Float($0), count: pixels) } }
    let output = try Tensor(values, shape: shape)
    let target: Batch.Target = pixels == 1 ? .classes([2, 1]) : .mask([2, 2, 1, 1])
    let shifted = scores.map { zip($0, [-0.1, -1.5, -3]).map { $0 + $1 } }
    let training = try #require(try criterion.trainingLoss(output, target, on: .cpu)).item()
    #expect(abs(training - (crossEntropy(shifted[0], 2) + crossEntropy(shifted[1], 1)) / 2) < 1e-6)
    let plain = try #require(try criterion.loss(output, target, on: .cpu)).item()
    #expect(abs(plain - (crossEntropy(scores[0], 2) + crossEntropy(scores[1], 1)) / 2) < 1e-6)
  }

  /// If inputs carry no information, the best model for classes of equal frequency prefers none: the biases
  /// stay near their initial 0. Plain cross-entropy learns the frequencies instead.
  @Test func aModelDoesNotLearnHowFrequentClassesAre() throws {
    func biases(_ study: Study) throws -> [Float] {
      let network = try network(study, LogitAdjustment.offsets(for: study, data: data))
      let zero = ModelParameters(layout: network.layout, values: [Float](repeating: 0, count: 6))
      _ = try Trainer(study: study, data: data, network: network, session: "north").train(
        from: zero, amount: .steps(200), learningRate: 0.5, seed: 1, round: 1, corrections: .init()
      ) { _ in }
      return Array(try network.export().values[3...])
    }
    let adjusted = try biases(study())
    // The optimum is log 17/20 − log 18/23 and log 3/20 − log 4/23. The bias of a class without examples may
    // only fall.
    #expect(abs(adjusted[0] - adjusted[1] - Float(log(17.0 / 18) - log(3.0 / 4))) < 0.05)
    #expect(adjusted[2] < adjusted[0])
    let plain = try biases(study("threads: 1"))
    #expect(abs(plain[0] - plain[1] - Float(log(17.0 / 3))) < 0.05)
  }

  /// An evaluation measures the loss without offsets, since the model is used without them.
  @Test func evaluationUsesTheBareScores() throws {
    let study = try study()
    let found = try [nil, [-0.2, -2, -3]].map {
      try PartEvaluator(study: study, data: data, network: network(study, $0))
        .evaluate(.training, replicates: 5, seed: 1)
    }
    #expect(found[0] == found[1])
    #expect(found[0].loss != nil)
  }
}
