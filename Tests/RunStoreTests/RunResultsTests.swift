import FederatedCore
import FederatedRuntime
import Foundation
import GRDB
import ParameterFiles
import TestSupport
import Testing
import WorkerProtocol

@testable import RunStore

struct RunResultsTests {
  private let site = SiteID("A")
  private let evaluation = SiteEvaluation(
    patientCount: 4, exampleCount: 90, loss: 0.7,
    metrics: [MetricEstimate(name: "dice", value: 2.0 / 3, patientCount: 4, replicates: [0.1, 0.7])])

  /// Before and after the end of the run, the writer and a reader can read every saved value.
  @Test func everySavedValueCanBeRead() async throws {
    try await withTemporaryFolder { folder in
      let description = SessionDescription(
        parts: [.init(part: .test, patients: 4, examples: 90)],
        findings: [
          DataFinding(severity: .warning, site: site, element: "age", records: 2, message: "missing")
        ],
        precision: "bf16", memoryFormat: "channels-last")
      let panels = [Panel(file: "p1.png", caption: "one"), Panel(file: "p2.png", caption: "two")]
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      try await store.save(description, of: site)
      let model = try await store.save(RunFixture.model(5), named: "fedavg")
      try await store.save(evaluation, of: "fedavg", digest: model.digest, on: site)
      try await store.save([Panel(file: "old.png", caption: "old")], of: "fedavg", on: site)
      try await store.save(panels, of: "fedavg", on: site)
      try await store.save(["threads": 2], as: "environment")

      func check(_ reader: RunReader) throws {
        #expect(try reader.sites() == [site: description])
        #expect(try reader.model(named: "fedavg") == model)
        #expect(try reader.evaluation(of: "fedavg", digest: model.digest, on: site) == evaluation)
        #expect(try reader.evaluation(of: "fedavg", digest: "other", on: site) == nil)
        #expect(try reader.evaluation(of: "fedavg", digest: model.digest, on: SiteID("B")) == nil)
        #expect(try reader.panels(of: "fedavg", on: site) == panels)
        #expect(try reader.panels(of: "pooled", on: site) == nil)
        #expect(try reader.value("environment", as: [String: Int].self) == ["threads": 2])
        #expect(try reader.value("weather", as: Int.self) == nil)
      }
      try check(store.reader)
      try check(RunReader(folder))
      try await store.close()
      try check(RunReader(folder))
      #expect(try ParameterFile.readModel(from: model.file) == RunFixture.model(5))
    }
  }

  @Test func eventsAreWrittenWithTheNextRoundAndAtTheEnd() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      store.record(RunEvent.roundStarted(arm: "fedavg", round: 1, rounds: 2))
      let progress = TrainingProgress(step: 1, stepCount: 2, loss: 1, examplesPerSecond: 3)
      store.record(RunEvent.siteProgress(arm: "fedavg", round: 1, site: site, progress))
      #expect(try store.reader.events().isEmpty)
      try await store.commit(RunFixture.checkpoint(round: 1))
      store.record(RunEvent.workerReplaced(processID: 9, reason: "killed"))
      try await store.close()
      let events = try RunReader(folder).events()
      #expect(events.map(\.name) == ["round-started", "worker-replaced"])
      #expect(events[0].event == #"{"arm":"fedavg","event":"round-started","round":1,"rounds":2}"#)
    }
  }

  /// The views for manual queries.
  @Test func viewsSpreadTheRecords() async throws {
    try await withTemporaryFolder { folder in
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      for round in 1...2 { try await store.commit(RunFixture.checkpoint(round: round)) }
      try await store.save(evaluation, of: "fedavg", digest: "x", on: site)
      func rows(_ sql: String) throws -> [Row] { try store.reader.query { try Row.fetchAll($0, sql: sql) } }
      #expect(
        try rows("SELECT * FROM contribution WHERE round = 2") == [
          [
            "arm": "fedavg", "round": 2, "site": "A", "weight": 40.0, "examples": 40, "steps": 5, "loss": 0.5,
            "seconds": 0.25, "updateDigest": "ab",
          ]
        ])
      #expect(
        try rows("SELECT site, reason FROM dropped")
          == Array(repeating: ["site": "B", "reason": "the worker died"], count: 2))
      #expect(
        try rows("SELECT site, metric, value, patients FROM validation WHERE round = 1") == [
          ["site": "A", "metric": "dice", "value": 0.1 + 0.2, "patients": 3]
        ])
      #expect(
        try rows("SELECT model, part, metric, value FROM metric") == [
          ["model": "fedavg", "part": "test", "metric": "dice", "value": 2.0 / 3]
        ])
    }
  }

  @Test func readerRefusesAFolderWithoutARun() async throws {
    try await withTemporaryFolder { folder in
      let error = #expect(throws: ConsiliumError.self) { try RunReader(folder) }
      #expect(error?.code == .invalidInput && error?.message.contains("not a run folder") == true)
      #expect(throws: ConsiliumError.self) { try RunReader(folder.appending(path: "absent")) }
    }
  }
}
