import FederatedCore
import Foundation
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// A Cox regression on one number, by which the patients die in order: 3, 2, 1, 0.
@Suite(.serialized) struct SurvivalTrainingTests {
  private func study(
    batchSize: Int = 8, optimizer: String = "{name: sgd, learning-rate: 0.1}", ties: String = "breslow"
  ) throws -> Study {
    try Study(
      yaml: """
        study: {name: survival, version: 1, title: Survival, task: survival, seed: 5}
        elements:
          - {name: marker, kind: number, role: input, unit: "1", range: [-10, 10]}
          - {name: time, kind: number, role: time, unit: day, range: [0, 1000]}
          - {name: death, kind: category, role: event, values: {0: not seen, 1: seen}}
        model: {architecture: linear}
        training:
          loss: cox
          ties: \(ties)
          optimizer: \(optimizer)
          batch-size: \(batchSize)
          local-epochs: 1
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [c-index], split: {test: 0.2}}

        """)
  }

  private func data(
    times: [Float] = [10, 20, 30, 40], events: [Float] = [1, 1, 1, 1], part: DataPart = .training
  ) -> SessionData {
    SessionData(
      source: TableSource(rows: [[3], [2], [1], [0]], targets: .survival(times: times, events: events)),
      patients: (0..<4).map { .init(site: SiteID("north"), part: part, records: [$0..<($0 + 1)]) })
  }

  private func network(_ study: Study) throws -> Network {
    let model = try ModelRegistry.makeModel(
      study.model, for: ModelShape(inputs: 1, outputs: 1, dimensions: 0), generator: Generator(seed: 3))
    return try Network(
      module: model,
      criterion: try Criterion(study.training, classCount: nil, classWeights: nil, device: .cpu),
      arithmetic: Arithmetic(for: study, dimensions: 0, on: .cpu), batchSize: study.training.batchSize)
  }

  /// Trains from a coefficient; the result is the coefficient and the intercept.
  private func train(
    _ study: Study, _ data: SessionData, from coefficient: Float = 0, steps: Int = 1,
    _ corrections: Trainer.Corrections = .init()
  ) throws -> (loss: Double, values: [Float]) {
    let network = try network(study)
    let start = ModelParameters(layout: network.layout, values: [coefficient, 0])
    let summary = try Trainer(study: study, data: data, network: network, session: "north").train(
      from: start, amount: .steps(steps), learningRate: 0.1, seed: 9, round: 1, corrections: corrections
    ) { _ in }
    return (try #require(summary.loss), try network.export().values)
  }

  private func evaluate(_ study: Study, _ data: SessionData, coefficient: Float) throws -> SiteEvaluation {
    let network = try network(study)
    try network.load(ModelParameters(layout: network.layout, values: [coefficient, 0]))
    return try PartEvaluator(study: study, data: data, network: network)
      .evaluate(.test, replicates: 20, seed: 1)
  }

  /// At coefficient 0 all patients at risk are equal. The loss is the mean logarithm of their number. The
  /// gradient is the mean distance between the patient who dies and the mean of all patients at risk, (1.5 +
  /// 1 + 0.5 + 0) / 4.
  @Test(arguments: ["breslow", "efron"]) func aStepFollowsTheClosedForm(ties: String) throws {
    let (loss, values) = try train(study(ties: ties), data())
    #expect(abs(loss - log(24.0) / 4) < 1e-6)
    #expect(abs(Double(values[0]) - 0.1 * 0.75) < 1e-6 && abs(values[1]) < 1e-6)
  }

  /// Two of four patients die at the same time. Breslow counts all four as at risk at both deaths; at the
  /// second death, Efron counts half of the two dying patients as gone.
  @Test(arguments: [("breslow", log(4.0)), ("efron", log(12.0) / 2)] as [(String, Double)])
  func tiesFollowTheMethodOfTheStudy(ties: String, expected: Double) throws {
    let tied = data(times: [10, 10, 30, 40], events: [1, 1, 0, 0])
    #expect(try abs(train(study(ties: ties), tied).loss - expected) < 1e-6)
  }

  @Test func aMarkerThatShortensSurvivalHasAPositiveCoefficient() throws {
    let first = try train(study(), data())
    let later = try train(study(), data(), steps: 50)
    #expect(later.values[0] > first.values[0] && first.values[0] > 0)
    #expect(later.loss < first.loss)
    let reversed = try train(study(), data(times: [40, 30, 20, 10]), steps: 50)
    #expect(reversed.values[0] < 0)
  }

  /// Without an event there is nothing to learn: weight decay, momentum and corrections have no effect
  /// either.
  @Test func batchWithoutAnEventChangesNothing() throws {
    let study = try study(optimizer: "{name: sgd, learning-rate: 0.1, momentum: 0.9, weight-decay: 0.1}")
    let layout = try network(study).layout
    let pull = Trainer.Corrections(
      proximalStrength: 1, offset: ModelParameters(layout: layout, values: [Float(1), 1]))
    let (loss, values) = try train(study, data(events: [0, 0, 0, 0]), from: 0.5, steps: 3, pull)
    #expect(loss == 0 && values == [0.5, 0])
    // One event is enough.
    #expect(try train(study, data(events: [1, 0, 0, 0]), from: 0.5, steps: 3, pull).values != values)
  }

  /// All pairs in the right order, all in the wrong order, and all equal, which counts as one half.
  @Test(arguments: [(1, 1), (-1, 0), (0, 0.5)] as [(Float, Double)])
  func concordanceIsOfAllPairs(coefficient: Float, expected: Double) throws {
    let found = try evaluate(study(), data(part: .test), coefficient: coefficient)
    #expect(found["c-index"]?.value == expected)
    // Four patients are too few for an interval.
    #expect(found["c-index"]?.replicates == [] && found.patientCount == 4)
  }

  /// The loss compares all patients, however small the training batches are.
  @Test func theLossOfAnEvaluationIsOfAllPatients() throws {
    let found = try evaluate(study(batchSize: 2), data(part: .test), coefficient: 1)
    let (one, two) = (exp(-1.0), exp(-2.0))
    let terms = [log(1 + one + two + exp(-3.0)), log(1 + one + two), log(1 + one), 0]
    let loss = try #require(found.loss)
    #expect(abs(loss - terms.reduce(0, +) / 4) < 1e-6)
  }

  @Test func withoutAnEventNothingIsMeasured() throws {
    let found = try evaluate(study(), data(events: [0, 0, 0, 0], part: .test), coefficient: 1)
    #expect(found.loss == nil && found.metrics.isEmpty && found.patientCount == 4)
  }

  /// A batch without an event has no loss, so its patients are not behind the update.
  @Test func patientsOfBatchesWithoutAnEventAreNotBehindTheUpdate() throws {
    let study = try study(batchSize: 1)
    var data = data(events: [1, 0, 0, 1])
    data = SessionData(
      source: data.source,
      patients: data.patients.enumerated().map { index, patient in
        var patient = patient
        patient.hash = UInt64(index)
        return patient
      })
    let network = try network(study)
    let summary = try Trainer(study: study, data: data, network: network, session: "north").train(
      from: ModelParameters(layout: network.layout, values: [0, 0]), amount: .epochs(1), learningRate: 0.1,
      seed: 9, round: 1, corrections: .init()
    ) { _ in }
    #expect(summary.patients?.trained.members == [0, 3])
    #expect(summary.stepCount == 4)
  }
}
