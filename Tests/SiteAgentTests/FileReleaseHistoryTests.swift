import FederatedCore
import FederatedTesting
import Foundation
import StudyProtocol
import TestSupport
import Testing

@testable import SiteAgent

/// A site remembers about whom numbers have left it: across restarts, and across studies on the same data.
struct FileReleaseHistoryTests {
  private func evaluation(_ patients: PatientSet) -> SiteEvaluation {
    SiteEvaluation(
      patientCount: patients.count, exampleCount: patients.count, loss: 0.5, metrics: [],
      patients: EvaluationPatients(all: patients))
  }

  @Test func restartedAgentRefusesAllButOnePatient() async throws {
    try await withTemporaryFolder { folder in
      let place = folder.appending(path: "released-sets")
      let first = try FileReleaseHistory(place).enter(.madeUp(40), minimum: 10)
      let second = try FileReleaseHistory(place).enter(.madeUp(39), minimum: 10)
      #expect(first && !second)
      // What was refused is not remembered, and equal sets are stored once.
      let restarted = FileReleaseHistory(place)
      #expect(try restarted.enter(.madeUp(40), minimum: 10))
      #expect(try restarted.enter(.madeUp(29), minimum: 10))
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).count == 2)
    }
  }

  /// The splits of two studies differ by one patient.
  @Test func secondStudyWithAlmostTheSameTestSetGetsNothing() async throws {
    try await withTemporaryFolder { folder in
      let history = FileReleaseHistory(folder.appending(path: "released-sets"))
      let first = ReleaseGate(SitePolicy(), for: nil, history: history)
      #expect(first.release(evaluation(.madeUp(30))).content.loss == 0.5)
      let others = PatientSet((1...30).map(UInt64.init))
      let second = ReleaseGate(SitePolicy(), for: nil, history: history)
      #expect(second.release(evaluation(others)).content.loss == nil)
      #expect(second.release(evaluation(.madeUp(30))).content.loss == 0.5)
    }
  }

  /// A storage error withholds the numbers, and the work is done again once staff have repaired the folder.
  @Test func damagedFileIsAStorageError() async throws {
    try await withTemporaryFolder { folder in
      let place = folder.appending(path: "released-sets")
      #expect(try FileReleaseHistory(place).enter(.madeUp(40), minimum: 10))
      let file = try #require(
        try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil).first)
      let before = try Data(contentsOf: file)
      try Data("[1, 2".utf8).write(to: file)
      let history = FileReleaseHistory(place)
      let error = try #require(throws: ConsiliumError.self) {
        try history.enter(.madeUp(60), minimum: 10)
      }
      #expect(error.code == .storage && error.message.hasSuffix("cannot be read; restore it from a backup"))
      let gate = ReleaseGate(SitePolicy(), for: nil, history: history)
      #expect(throws: ConsiliumError.self) { try gate.release(entering: evaluation(.madeUp(60))) }
      #expect(gate.release(evaluation(.madeUp(60))).content.loss == nil)
      try before.write(to: file)
      #expect(try gate.release(entering: evaluation(.madeUp(60))).content.loss == 0.5)
    }
  }

  @Test func permittedSetsAreIgnoredInOneStudyAndOnlyTheFirstTime() throws {
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "released-sets")
      let history = FileReleaseHistory(place)
      #expect(try history.enter(.madeUp(40), minimum: 10))
      #expect(try !history.enter(.madeUp(43), minimum: 10))
      let study = history.permitting(Set(try history.names()))
      #expect(try study.enter(.madeUp(43), minimum: 10))
      // The study's own release counts, also after a restart.
      for history in [study, FileReleaseHistory(place).permitting(Set(try history.names().prefix(0)))] {
        #expect(try history.enter(.madeUp(43), minimum: 10))
        #expect(try !history.enter(.madeUp(45), minimum: 10))
      }
      #expect(try !history.enter(.madeUp(41), minimum: 10))
    }
  }
}
