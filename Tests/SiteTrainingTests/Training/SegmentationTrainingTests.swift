import FederatedCore
import Foundation
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

@Suite(.serialized) struct SegmentationTrainingTests {
  init() throws { try TorchRuntime.setThreadCount(1) }

  /// Bright squares at several places of a grey picture with some noise, and their positions as masks.
  private static let data: SessionData = {
    var stream = RandomStream(seed: 4)
    var (images, masks): ([[Float]], [[UInt8]]) = ([], [])
    for number in 0..<8 {
      let (top, left) = (1 + number, 9 - number)
      let mask = (0..<256).map { place -> UInt8 in
        let (row, column) = (place / 16 - top, place % 16 - left)
        return (0..<5).contains(row) && (0..<5).contains(column) ? 1 : 0
      }
      masks.append(mask)
      images.append(mask.map { Float($0) + 0.2 * Float(stream.nextUnit()) })
    }
    return SessionData(
      source: ImagesInMemory(exampleShape: [1, 16, 16], images: images, masks: masks),
      patients: images.indices.map {
        .init(site: SiteID("north"), part: .training, records: [$0..<($0 + 1)])
      })
  }()

  private func network(_ study: Study) throws -> Network {
    let shape = ModelShape(inputs: 1, outputs: Criterion.outputCount(of: study))
    return try SmallImages.network(
      study, ModelRegistry.makeModel(study.model, for: shape, generator: Generator(seed: 3)))
  }

  private func train(_ study: Study, steps: Int, seed: UInt64 = 9) throws -> (
    summary: TrainingSummary, model: ModelParameters, loss: Double
  ) {
    let network = try network(study)
    let summary = try Trainer(study: study, data: Self.data, network: network, session: "north").train(
      from: network.export(), amount: .steps(steps),
      learningRate: study.training.optimizer.learningRate, seed: seed, round: 1, corrections: .init()
    ) { _ in }
    return (summary, try network.export(), try evaluate(study, network))
  }

  private func evaluate(_ study: Study, _ network: Network) throws -> Double {
    let found = try PartEvaluator(study: study, data: Self.data, network: network)
      .evaluate(.training, replicates: 0, seed: 1)
    return try #require(found.loss)
  }

  @Test(arguments: ["dice", "dice-ce", "cross-entropy", "focal"]) func theLossFalls(loss: String) throws {
    let study = try SmallImages.study(
      training: "loss: \(loss), precision: fp32, optimizer: {name: adamw, learning-rate: 1e-2}")
    let before = try evaluate(study, network(study))
    let after = try train(study, steps: 30)
    #expect(after.summary.stepCount == 30 && after.summary.exampleCount == 8)
    #expect(after.loss < 0.8 * before)
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    let study = try SmallImages.study()
    let once = try train(study, steps: 6)
    let again = try train(study, steps: 6)
    #expect(again.model == once.model && again.summary.loss == once.summary.loss)
    #expect(try train(study, steps: 6, seed: 10).model != once.model)
  }

  /// Convolutions with half the digits change the numbers, but not the result of training.
  @Test func halfPrecisionLearnsTheSame() throws {
    func run(_ precision: String) throws -> (
      summary: TrainingSummary, model: ModelParameters, loss: Double
    ) {
      let optimizer = "{name: sgd, learning-rate: 0.05, momentum: 0.9}"
      let study = try SmallImages.study(
        training: "loss: dice-ce, precision: \(precision), optimizer: \(optimizer)")
      return try train(study, steps: 20)
    }
    let (full, half) = (try run("fp32"), try run("bf16"))
    #expect(half.model != full.model)
    #expect(try abs(#require(half.summary.loss) / #require(full.summary.loss) - 1) < 0.03)
    #expect(abs(half.loss / full.loss - 1) < 0.1)
  }
}
