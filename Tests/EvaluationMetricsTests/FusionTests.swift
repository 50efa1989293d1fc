import Foundation
import Testing

@testable import EvaluationMetrics

/// Values of NumPy; see `Fixtures/make_fusion_values.py`.
struct FusionTests {
  private struct Reference: Decodable {
    struct Estimate: Decodable { var probability, sensitivity, specificity: [Double] }
    var masks: [[UInt8]]
    var majority: [UInt8]
    var staple: Estimate
    var logits: [[[Double]]]
    var meanProbability: [[Double]]
  }

  private let reference: Reference

  init() throws {
    let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appendingPathComponent("fusion.json")))
  }

  private func difference(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test func stapleAgreesWithTheReference() {
    let estimate = STAPLE(reference.masks.map { $0.map { $0 == 1 } })
    #expect(difference(estimate.probability, reference.staple.probability) < 1e-9)
    #expect(difference(estimate.sensitivity, reference.staple.sensitivity) < 1e-9)
    #expect(difference(estimate.specificity, reference.staple.specificity) < 1e-9)
    #expect(
      MaskFusion.staple(reference.masks, classCount: 2)
        == reference.staple.probability.map { $0 > 0.5 ? 1 : 0 })
  }

  @Test func majorityAgreesWithTheReference() {
    #expect(MaskFusion.majority(reference.masks, classCount: 2) == reference.majority)
  }

  @Test func aTieIsBackground() {
    #expect(MaskFusion.majority([[1, 2, 2, 0], [1, 1, 2, 1]], classCount: 3) == [1, 0, 2, 0])
    #expect(MaskFusion.majority([[1, 2], [2, 2], [3, 1], [3, 0]], classCount: 4) == [3, 2])
  }

  @Test func stapleSeparatesClassesAndKeepsEqualMasks() {
    let mask: [UInt8] = [0, 1, 2, 0, 2, 2, 1, 0]
    #expect(MaskFusion.staple([mask, mask, mask], classCount: 3) == mask)
    for constant in [UInt8(0), 1] {
      let flat = [UInt8](repeating: constant, count: 5)
      #expect(MaskFusion.staple([flat, flat], classCount: 2) == flat)
    }
  }

  @Test func meanProbabilityAgreesWithTheReference() {
    var ensemble = MeanProbability()
    for model in reference.logits {
      ensemble.add(
        model.flatMap { row in
          let exponentials = row.map { exp($0) }
          return exponentials.map { Float($0 / exponentials.reduce(0, +)) }
        })
    }
    #expect(difference(ensemble.value.map(Double.init), reference.meanProbability.flatMap(\.self)) < 1e-6)
  }
}
