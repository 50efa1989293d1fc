import FederatedCore
import Foundation
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// The study's settings for overlap losses against their closed forms.
struct CriterionTests {
  /// Two pictures of two pixels, the second without a lesion. The probabilities of a lesion are 3/4 and 1/4
  /// in the first picture, and 1/2 and 1/4 in the second.
  private func loss(_ settings: String) throws -> Double {
    let study = try SmallImages.study(
      training: "\(settings), optimizer: {name: sgd, learning-rate: 0.1}")
    let criterion = try Criterion(study.training, classCount: 2, classWeights: nil, device: .cpu)
    let odds = ([3, 1.0 / 3, 1, 1.0 / 3] as [Double]).map { Float(log($0)) }
    let scores: [Float] = [0, 0, odds[0], odds[1], 0, 0, odds[2], odds[3]]
    let output = try Tensor(scores, shape: [2, 2, 1, 2])
    let loss = try #require(try criterion.loss(output, .mask([1, 0, 0, 0]), on: .cpu))
    return try loss.item()
  }

  /// One minus 2·overlap / (probabilities + truth), with 1e-5 added to numerator and denominator.
  private func term(_ overlap: Double, _ total: Double) -> Double {
    1 - (2 * overlap + 1e-5) / (total + 1e-5)
  }

  /// Background and lesion of the first picture, then of the second, which has no lesion to overlap.
  private var overExamples: Double {
    (term(0.75, 2) + term(0.75, 2) + term(1.25, 3.25) + term(0, 0.75)) / 4
  }

  /// Background and lesion of both pictures together.
  private var overBatch: Double { (term(2, 5.25) + term(0.75, 2.75)) / 2 }

  /// Three of the four pixels have the probability 3/4 for their class; one has 1/2.
  private var crossEntropy: Double { (3 * log(4.0 / 3) + log(2.0)) / 4 }

  @Test func overlapsArePerExampleByDefault() throws {
    #expect(try abs(loss("loss: dice") - overExamples) < 1e-6)
    #expect(try abs(loss("loss: dice, dice-over: example") - overExamples) < 1e-6)
    #expect(try abs(loss("loss: dice-ce") - overExamples - crossEntropy) < 1e-6)
  }

  @Test func overlapsCanBePerBatch() throws {
    #expect(try abs(loss("loss: dice, dice-over: batch") - overBatch) < 1e-6)
    #expect(try abs(loss("loss: dice-ce, dice-over: batch") - overBatch - crossEntropy) < 1e-6)
  }

  /// Scores of one channel are compared pixel by pixel, each picture with its own truth.
  @Test func aMaskCanBeBinary() throws {
    let study = try SmallImages.study(
      training: "loss: binary-cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}")
    let criterion = try Criterion(study.training, classCount: 2, classWeights: nil, device: .cpu)
    let odds = ([3, 1.0 / 3, 1, 1.0 / 3] as [Double]).map { Float(log($0)) }
    let output = try Tensor(odds, shape: [2, 1, 1, 2])
    let loss = try #require(try criterion.loss(output, .mask([1, 0, 0, 0]), on: .cpu)).item()
    #expect(abs(loss - crossEntropy) < 1e-6)
    #expect(try NetworkOutput(logits: output, loss: loss).labels() == [1, 0, 0, 0])
  }

  /// If a site lacks a class, its balanced weights must not multiply the other class's loss by infinity.
  @Test func missingClassDoesNotScaleTheOtherClass() throws {
    let study = try SmallStudy.table()
    let criterion = try Criterion(study.training, classCount: 2, classWeights: [0, 0.5], device: .cpu)
    let loss = try #require(
      try criterion.loss(try Tensor([Float(log(3.0))], shape: [1, 1]), .classes([1]), on: .cpu))
    #expect(try abs(loss.item() - log(4.0 / 3)) < 1e-6)
  }

  @Test func outputsThatAreNotNumbersAreAnError() throws {
    let output = NetworkOutput(logits: try Tensor([Float.nan, 1], shape: [1, 2]), loss: .nan)
    let error = #expect(throws: ConsiliumError.self) { try output.probabilities(classCount: 2) }
    #expect(error?.code == .diverged)
    #expect(error?.message.contains("learning-rate") == true)
  }
}
