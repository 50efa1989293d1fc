import FederatedCore
import Foundation
import Testing

@testable import StudyRuns

struct PairedIntervalsTests {
  private let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  /// An evaluation with the replicates 0, 0.01 … 1, multiplied by `scale` and moved by `shift`.
  private func evaluation(_ shift: Double, scale: Double = 1, patients: Int = 30) -> SiteEvaluation {
    SiteEvaluation(
      patientCount: patients, exampleCount: patients, loss: nil,
      metrics: [
        MetricEstimate(
          name: "dice", value: 0.5 + shift, patientCount: patients,
          replicates: (0...100).map { scale * Double($0) / 100 + shift })
      ])
  }

  private let digests = ["a", "b", "c"].map { String(repeating: $0, count: 64) }

  /// Percentiles 2.5 and 97.5 of 0, 0.01 … 1 are 0.025 and 0.975. The paired differences of the models are
  /// 0.1 plus a tenth of these.
  @Test func intervalsComeFromTheSitesReplicates() async throws {
    defer { try? FileManager.default.removeItem(at: file) }
    let first = PairedIntervals(file: file, confidence: 0.95)
    let one = try await first.add(evaluation(0), of: digests[0])
    let interval = try #require(one["dice"]?.interval)
    #expect(abs(interval.low - 0.025) < 1e-12 && abs(interval.high - 0.975) < 1e-12)
    #expect(one.comparisons == [])
    // Another process of the site continues with the file.
    let second = PairedIntervals(file: file, confidence: 0.95)
    let two = try await second.add(evaluation(0.1, scale: 1.1), of: digests[1])
    let difference = try #require(two.comparisons?.first)
    #expect(two.comparisons?.count == 1 && difference.against == digests[0])
    #expect(difference.metric == "dice" && difference.patientCount == 30)
    #expect(abs(difference.interval.low - 0.1025) < 1e-12)
    #expect(abs(difference.interval.high - 0.1975) < 1e-12)
  }

  /// What is not stored is not believed: after a restart, its replicates would be missing.
  @Test func resultThatCannotBeStoredIsForgotten() async throws {
    let folder = file
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let place = folder.appending(path: "tests/results.json")
    let intervals = PairedIntervals(file: place, confidence: 0.95)
    let error = await #expect(throws: ConsiliumError.self) {
      try await intervals.add(evaluation(0), of: digests[0])
    }
    #expect(error?.code == .storage)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    let next = try await intervals.add(evaluation(0.1), of: digests[1])
    #expect(next.comparisons == [])
  }

  @Test func fewPatientsHaveNoInterval() async throws {
    defer { try? FileManager.default.removeItem(at: file) }
    let intervals = PairedIntervals(file: file, confidence: 0.95)
    _ = try await intervals.add(evaluation(0, patients: 4), of: digests[0])
    let found = try await intervals.add(evaluation(0.1, patients: 4), of: digests[1])
    #expect(found["dice"]?.interval == nil && found.comparisons == [])
  }

  /// Nine of nine are right, and two models differ by the same amount in every resample.
  @Test func equalReplicatesYieldNoZeroWidthInterval() async throws {
    defer { try? FileManager.default.removeItem(at: file) }
    let intervals = PairedIntervals(file: file, confidence: 0.95)
    let sure = { (value: Double) in
      SiteEvaluation(
        patientCount: 9, exampleCount: 9, loss: nil,
        metrics: ["accuracy", "auc"].map {
          MetricEstimate(
            name: $0, value: value, patientCount: 9, replicates: [Double](repeating: value, count: 50))
        })
    }
    _ = try await intervals.add(sure(0), of: digests[0])
    let found = try await intervals.add(sure(1), of: digests[1])
    // The value of R's `binom.test(9, 9)`.
    let exact = try #require(found["accuracy"]?.interval)
    #expect(abs(exact.low - 0.663_732_9) < 1e-7 && exact.high == 1)
    #expect(found["auc"]?.interval == nil && found.comparisons == [])
  }
}
