import FederatedCore
import Foundation
import Reporting
import Testing

@testable import CoordinatorDashboard
@testable import RunStore

struct WatchedRunTests {
  private let definition = RunDefinition(
    identity: RunIdentity(
      study: "clinic", studyDigest: "aa11", sites: ["north": "d1"], seed: 7, arms: ["fedavg"], threads: 1,
      device: "cpu"),
    studyText: "study: {name: clinic}\n", canonicalStudy: #"{"study":{"name":"clinic"}}"#,
    canonicalSites: [#"{"name":"north"}"#])

  private let statistics = StudyStatistics(
    study: "clinic", title: "Clinic", unit: .patient,
    sites: [.init(site: SiteID("north"), title: "North", patients: 40, minimum: 10)],
    items: [
      .init(
        title: "age", kind: .number, unit: "year", labels: [], canLack: false, range: nil,
        sites: [.init(patients: 40)], pooled: .init(patients: 40))
    ])

  @Test func statisticsAppearWhileTheRunGoesOn() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "watched-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var run = WatchedRun(RunFolder(folder))
    run.catchUp()
    #expect(run.statistics == nil)
    let store = try RunStore(folder, for: definition, resume: false)
    run.catchUp()
    #expect(run.statistics == nil)
    try await store.save(statistics, as: "statistics")
    run.catchUp()
    #expect(run.statistics == statistics)
    try await store.close()
    run.catchUp()
    #expect(run.statistics == statistics)
  }
}
