import FederatedCore
import FederatedTesting
import Foundation
import StudyProtocol
import Synchronization
import TestSupport
import Testing

@testable import SiteAgent

/// An update whose length is far from the site's earlier ones is noticed before it leaves.
struct FileUpdateNormsTests {
  private typealias Warning = FileUpdateNorms.Warning

  private func warnings(
    _ norms: [Double], in folder: URL, rate: @escaping @Sendable (Int) -> Double = { _ in 0.1 }
  ) async throws -> [Warning] {
    let found = Mutex<[Warning]>([])
    for (index, norm) in norms.enumerated() {
      // A new object for each round: the agent may restart in between.
      let watch = FileUpdateNorms(file: folder.appending(path: "norms/fedavg.json"), learningRate: rate) {
        warning in found.withLock { $0.append(warning) }
      }
      try await watch.note(
        norm, in: SiteContext(site: SiteID("a"), round: index + 1, noise: .simulated(seed: 1)))
    }
    return found.withLock { $0 }
  }

  @Test func unusualLengthsAreWarnedOf() async throws {
    try await withTemporaryFolder { folder in
      let found = try await warnings([2, 1.5, 1.2, 1, 40, 0.9, 0.01], in: folder)
      #expect(found.map(\.round) == [5, 7] && found.map(\.length) == [40, 0.01])
      #expect(found.allSatisfy { abs($0.usual - 1.5) < 1e-12 })
    }
  }

  /// Lengths follow the learning rate, which the study lowers by a factor of a thousand.
  @Test func lengthsAreComparedAtEqualLearningRates() async throws {
    try await withTemporaryFolder { folder in
      let found = try await warnings([2, 2, 2, 0.002, 0.002], in: folder) { $0 < 4 ? 0.1 : 0.0001 }
      #expect(found == [])
      // Two rounds are too few to compare with.
      #expect(try await warnings([1, 1, 100], in: folder.appending(path: "b")) == [])
    }
  }

  @Test func gateNotesLengthsBeforeTheyAreClipped() async throws {
    try await withTemporaryFolder { folder in
      let watch = FileUpdateNorms(file: folder.appending(path: "n.json"), learningRate: { _ in 1 }) { _ in
        throw ConsiliumError(.storage, "the log cannot be written")
      }
      let gate = ReleaseGate(mechanisms: [try NormClip(bound: 1)]).noting(watch)
      func update(_ round: Int, _ value: Float) -> SiteUpdate<ModelParameters> {
        let layout = ParameterLayout(entries: [.init(name: "w", shape: [1])])
        return SiteUpdate(
          ModelUpdate(
            site: SiteID("a"), round: round, payload: ModelParameters(layout: layout, values: [value]),
            weight: 1), TrainingSummary(exampleCount: 1, stepCount: 1, loss: nil, seconds: 1))
      }
      for round in 1...3 { _ = try await gate.release(update(round, 3)) }
      // An update of which the log cannot warn stays at the site, also if the clip makes it short.
      await #expect(throws: ConsiliumError.self) { try await gate.release(update(4, 300)) }
      // A rehearsal has no length.
      #expect(try await gate.rehearsing.release(update(5, 300)).content.update.payload.values == [0])
    }
  }
}
