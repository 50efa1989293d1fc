import FederatedCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SiteAgent

/// A model that is far from the one before is noticed before the site trains from it.
struct ModelWatchTests {
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [20_000])])

  private func model(_ random: inout RandomStream, step: Float, from model: ModelParameters?)
    -> ModelParameters
  {
    let before = model?.values ?? [Float](repeating: 0, count: layout.count)
    return ModelParameters(
      layout: layout, values: before.map { $0 + step * Float(2 * random.nextUnit() - 1) })
  }

  @Test func sketchEstimatesTheDistance() throws {
    var random = RandomStream(seed: 4)
    let one = model(&random, step: 1, from: nil)
    let other = model(&random, step: 0.01, from: one)
    let exact = zip(one.values, other.values).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    let estimate = try #require(ModelSketch(of: one).distance(to: ModelSketch(of: other)))
    #expect(abs(estimate / exact.squareRoot() - 1) < 0.15)
    #expect(ModelSketch(of: one).distance(to: ModelSketch(of: one)) == 0)
  }

  @Test func modelThatJumpsIsWarnedOfAlsoAfterARestart() async throws {
    try await withTemporaryFolder { folder in
      let found = Mutex<[LengthHistory.Warning]>([])
      var random = RandomStream(seed: 4)
      var current: ModelParameters?
      // The sixth model is the coordinator's own; from the seventh on, it goes on from there.
      for (round, step) in zip(1..., [1, 0.02, 0.02, 0.01, 0.01, 3, 0.01] as [Float]) {
        let next = model(&random, step: step, from: current)
        let watch = ModelWatch(
          file: folder.appending(path: "watch/fedavg-models.json"), learningRate: { _ in 0.1 }
        ) { warning in found.withLock { $0.append(warning) } }
        try await watch.note(next, round: round)
        // The same round again, as after a crash, is not compared with itself.
        try await watch.note(next, round: round)
        current = next
      }
      let warnings = found.withLock { $0 }
      #expect(warnings.map(\.round) == [6])
      #expect(warnings[0].times > 100)
    }
  }
}
