import FederatedCore
import StudyProtocol
import Testing

@testable import SiteTraining

/// Updates weighted by the class weights of their examples.
struct ClassWeightingTests {
  private func study(_ weighting: String) throws -> Study {
    try Study(
      yaml: """
        study: {name: weighted, task: classification}
        elements:
          - {name: a, kind: number, role: input, unit: "1", range: [-10, 10]}
          - {name: y, kind: category, role: target, values: {0: frequent, 1: rare}}
        model: {architecture: linear}
        training:
          loss: cross-entropy
          class-weights: {frequent: 0.25, rare: 5}
          optimizer: {name: sgd, learning-rate: 0.5}
          batch-size: 20
          local-steps: 1
        federation: {workflow: fedavg, rounds: 1, weighting: \(weighting)}
        evaluation: {metrics: [balanced-accuracy], split: {test: 0.2}}

        """)
  }

  /// The training set has 12 frequent and 3 rare examples; another part has one more example of each class.
  private var data: SessionData {
    let labels = [Int64](repeating: 0, count: 12) + [1, 1, 1, 0, 1]
    return SessionData(
      source: TableSource(rows: labels.map { [Float($0)] }, targets: .classes(labels)),
      patients: labels.indices.map {
        .init(site: SiteID("north"), part: $0 < 15 ? .training : .validation, records: [$0..<($0 + 1)])
      })
  }

  @Test func examplesCountWithTheWeightsOfTheirClasses() throws {
    let count = try #require(try ClassWeighting.weightedCount(for: study("class-weights"), data: data))
    #expect(count == 12 * 0.25 + 3 * 5)
    let summary = TrainingSummary(exampleCount: 15, stepCount: 1, loss: 0, seconds: 0, weightedCount: count)
    #expect(UpdateWeighting.classWeights.weight(of: summary) == 18)
    #expect(UpdateWeighting.samples.weight(of: summary) == 15)
    #expect(UpdateWeighting.equal.weight(of: summary) == 1)
  }

  /// A site's mix of classes is not revealed unless the study needs it.
  @Test(arguments: ["samples", "equal"]) func classesAreNotCountedUnlessTheStudyNeedsIt(weighting: String)
    throws
  {
    #expect(try ClassWeighting.weightedCount(for: study(weighting), data: data) == nil)
  }
}
