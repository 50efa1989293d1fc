import FederatedCore
import Foundation
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// The softmax over a site's own classes against its equation (Li and Zhan 2021, equation 4 with α = 0).
struct RestrictedSoftmaxTests {
  private func study(_ training: String) throws -> Study {
    try Study(
      yaml: """
        study: {name: skew, task: classification}
        elements:
          - {name: a, kind: number, role: input, unit: "1", range: [-10, 10]}
          - {name: y, kind: category, role: target, values: {0: here, 1: there, 2: elsewhere}}
        model: {architecture: linear}
        training:
          {loss: cross-entropy, \(training), optimizer: {name: sgd, learning-rate: 0.5}, batch-size: 20, local-steps: 1}
        federation: {workflow: fedavg, rounds: 1}
        evaluation: {metrics: [balanced-accuracy], split: {test: 0.2}}

        """)
  }

  /// The training set has two classes; the only example of the third class is in another part.
  private var data: SessionData {
    let labels = [Int64](repeating: 0, count: 12) + [Int64](repeating: 1, count: 8) + [2]
    return SessionData(
      source: TableSource(rows: labels.map { [Float($0)] }, targets: .classes(labels)),
      patients: labels.indices.map {
        .init(site: SiteID("north"), part: $0 < 20 ? .training : .validation, records: [$0..<($0 + 1)])
      })
  }

  @Test func onlyClassesThatTheTrainingPartLacksAreLeftOut() throws {
    let offsets = try #require(
      try RestrictedSoftmax.offsets(for: study("absent-classes: ignore"), data: data))
    #expect(offsets[0] == 0 && offsets[1] == 0 && offsets[2] < -1e8)
    #expect(try RestrictedSoftmax.offsets(for: study("absent-classes: learn"), data: data) == nil)
  }

  @Test(arguments: [nil, [0.5, 2, 7] as [Float]]) func lossIsComputedOverThePresentClasses(weights: [Float]?)
    throws
  {
    let study = try study("absent-classes: ignore")
    let criterion = try Criterion(
      study.training, classCount: 3, classWeights: weights,
      logitOffsets: RestrictedSoftmax.offsets(for: study, data: data), device: .cpu)
    let scores: [[Double]] = [[0.3, -0.2, 4], [2, 0.5, -1]]
    let labels = [1, 0]
    let output = try Tensor(scores.flatMap { $0.map { Float($0) } }, shape: [2, 3])
    let loss = try #require(
      try criterion.trainingLoss(output, .classes(labels.map { Int64($0) }), on: .cpu)
    ).item()
    let terms = zip(scores, labels).map { row, label in log(exp(row[0]) + exp(row[1])) - row[label] }
    let shares = labels.map { Double(weights?[$0] ?? 1) }
    let expected = zip(terms, shares).map { $0 * $1 }.reduce(0, +) / shares.reduce(0, +)
    #expect(abs(loss - expected) < 1e-6)
  }

  /// The model's knowledge of a class from other sites stays unchanged.
  @Test func parametersOfAnAbsentClassStayUnchanged() throws {
    func trained(_ training: String) throws -> [Float] {
      let study = try study(training)
      let network = try Network(
        module: try ModelRegistry.makeModel(
          study.model, for: ModelShape(inputs: 1, outputs: 3, dimensions: 0), generator: Generator(seed: 3)),
        criterion: try Criterion(
          study.training, classCount: 3, classWeights: nil,
          logitOffsets: RestrictedSoftmax.offsets(for: study, data: data), device: .cpu),
        arithmetic: Arithmetic(for: study, dimensions: 0, on: .cpu), batchSize: 20)
      let start = ModelParameters(layout: network.layout, values: [0, 0, 0.7, 0, 0, -0.4])
      _ = try Trainer(study: study, data: data, network: network, session: "north").train(
        from: start, amount: .steps(50), learningRate: 0.5, seed: 1, round: 1, corrections: .init()
      ) { _ in }
      return try network.export().values
    }
    let ignored = try trained("absent-classes: ignore")
    #expect(ignored[2] == 0.7 && ignored[5] == -0.4)
    #expect(ignored[1] - ignored[0] > 1, "the classes that are there are learnt")
    #expect(try trained("absent-classes: learn")[5] < -0.5)
  }
}
