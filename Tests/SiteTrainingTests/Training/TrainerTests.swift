import FederatedCore
import Foundation
import StudyProtocol
import Testing
import WorkerProtocol

@testable import SiteTraining

@Suite(.serialized) struct TrainerTests {
  private func train(
    _ study: Study, _ data: SessionData, from start: ModelParameters, _ amount: TrainingInstruction.Amount,
    rate: Double = 0.1, seed: UInt64 = 9, _ corrections: Trainer.Corrections = .init()
  ) throws -> (summary: TrainingSummary, model: ModelParameters) {
    let network = try SmallStudy.network(study)
    let summary = try Trainer(study: study, data: data, network: network, session: "north").train(
      from: start, amount: amount, learningRate: rate, seed: seed, round: 4, corrections: corrections
    ) { _ in }
    return (summary, try network.export())
  }

  private func start(_ study: Study) throws -> ModelParameters { try SmallStudy.network(study).export() }

  /// The gradient of the mean binary cross-entropy of a linear model: the mean of (σ(w·x + b) − y)(x, 1).
  private func gradient(_ w: [Double], _ data: SessionData) throws -> [Double] {
    let count = data.source.exampleCount
    let batch = try data.source.batch(Array(0..<count)[...], augmentationSeeds: nil)
    var sum = [0.0, 0, 0]
    for row in 0..<count {
      let x = [Double(batch.inputs[2 * row]), Double(batch.inputs[2 * row + 1]), 1]
      let logit = zip(w, x).reduce(0) { $0 + $1.0 * $1.1 }
      let error = 1 / (1 + exp(-logit)) - Double(row % 2)
      for index in 0..<3 { sum[index] += error * x[index] / Double(count) }
    }
    return sum
  }

  /// Two steps on the whole data: w ← w − η(g(w) + offset + µ(w − w₀)), as FedProx and SCAFFOLD state them.
  @Test(arguments: [0.0, 0.7], [[0, 0, 0], [0.3, -0.2, 0.1]] as [[Float]])
  func stepsFollowTheClosedForm(strength: Double, offset: [Float]) throws {
    let study = try SmallStudy.table(batchSize: 20)
    let data = SmallStudy.data(count: 20)
    let first = try start(study)
    #expect(first.layout.entries.map(\.count) == [2, 1])
    let trained = try train(
      study, data, from: first, .steps(2),
      .init(proximalStrength: strength, offset: ModelParameters(layout: first.layout, values: offset)))
    let anchor = first.values.map(Double.init)
    var expected = anchor
    for _ in 0..<2 {
      let gradient = try gradient(expected, data)
      for index in expected.indices {
        let pull = strength * (expected[index] - anchor[index])
        expected[index] -= 0.1 * (gradient[index] + Double(offset[index]) + pull)
      }
    }
    for (found, wanted) in zip(trained.model.values, expected) {
      #expect(abs(Double(found) - wanted) < 1e-6)
    }
  }

  @Test(arguments: ["sgd", "adam", "adamw"]) func theLossFalls(optimizer: String) throws {
    let study = try SmallStudy.table(optimizer: "{name: \(optimizer), learning-rate: 0.1}")
    let data = SmallStudy.data(count: 40)
    let first = try train(study, data, from: start(study), .epochs(1))
    let later = try train(study, data, from: first.model, .epochs(10))
    #expect(first.summary.exampleCount == 40)
    #expect(first.summary.stepCount == 5)
    #expect(later.summary.stepCount == 50)
    #expect(try #require(later.summary.loss) < #require(first.summary.loss))
  }

  @Test func theSameRequestGivesTheSameBits() throws {
    let study = try SmallStudy.table(optimizer: "{name: adamw, learning-rate: 0.1}")
    let data = SmallStudy.data(count: 30)
    let start = try start(study)
    let once = try train(study, data, from: start, .epochs(3)).model
    #expect(try train(study, data, from: start, .epochs(3)).model == once)
    #expect(try train(study, data, from: start, .epochs(3), seed: 10).model != once)
  }

  @Test func aLossThatIsNotANumberNamesRoundAndStep() throws {
    let study = try SmallStudy.table()
    let start = try start(study)
    let broken = ModelParameters(layout: start.layout, values: [Float](repeating: .nan, count: start.count))
    let error = #expect(throws: ConsiliumError.self) {
      try train(study, SmallStudy.data(count: 10), from: broken, .epochs(1))
    }
    #expect(error?.code == .diverged)
    #expect(
      error?.message.contains(
        "the training loss is not a number in round 4 at step 1; lower the learning rate") == true)
  }

  @Test func aSessionWithoutTrainingDataIsRefused() throws {
    let study = try SmallStudy.table()
    let start = try start(study)
    let error = #expect(throws: ConsiliumError.self) {
      try train(study, SmallStudy.data(count: 10, part: .test), from: start, .epochs(1))
    }
    #expect(error?.code == .invalidInput)
  }

  @Test func anEvaluationHasMetricsAndAReliabilityCurve() throws {
    let study = try SmallStudy.table()
    let data = SmallStudy.data(count: 20, part: .test)
    let network = try SmallStudy.network(study)
    let found = try PartEvaluator(study: study, data: data, network: network)
      .evaluate(.test, replicates: 30, seed: 1)
    #expect(found.patientCount == 20 && found.exampleCount == 20)
    #expect(found["accuracy"]?.replicates.count == 30)
    #expect(found.calibration.reduce(0) { $0 + $1.exampleCount } == 20)
    let none = try PartEvaluator(study: study, data: data, network: network)
      .evaluate(.training, replicates: 30, seed: 1)
    #expect(none.patientCount == 0 && none.loss == nil)
  }

  /// Ten patients of two rows each are ten results, not twenty.
  @Test func rowsOfAPatientAreOneResult() throws {
    let study = try SmallStudy.table()
    let rows = SmallStudy.data(count: 20, part: .test)
    let patients = (0..<10).map { index in
      SessionData.Patient(
        site: SiteID("north"), part: .test,
        records: [(2 * index)..<(2 * index + 1), (2 * index + 1)..<(2 * index + 2)])
    }
    let data = SessionData(source: rows.source, patients: patients)
    let found = try PartEvaluator(study: study, data: data, network: try SmallStudy.network(study))
      .evaluate(.test, replicates: 30, seed: 1)
    #expect(found.patientCount == 10 && found.exampleCount == 20)
    #expect(found["accuracy"]?.patientCount == 10)
    #expect(found.calibration.reduce(0) { $0 + $1.exampleCount } == 10)
  }
}
