import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import RunStore
import StudyProtocol
import Testing

@testable import StudyRuns

/// The course of a study from its admission to its report.
struct StudyDriverTests {
  private var study: Study
  private let sites = [SiteID("east"), SiteID("west")]

  init() throws { study = try Study(yaml: StudyText.clinic(sites: "{minimum: 1}")) }

  private func inTemporaryFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "driver-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  private func drive(
    in folder: URL, obstacles: [SiteID: [String]] = [:], failing: [String: ConsiliumError.Code] = [:],
    failsTests: Bool = false
  ) async throws -> (conclusion: Result<StudyConclusion, any Error>, steps: [String]) {
    let plan = try NetworkPlan(study, members: sites)
    let candidates = sites.map { site in
      StudyCandidate(
        site: site, title: "Hospital \(site)",
        data: SessionDescription(
          parts: [.init(part: .training, patients: 24, examples: 24)],
          findings: [DataFinding(severity: .warning, site: site, element: nil, records: 1, message: "own")],
          precision: "fp32", memoryFormat: "contiguous"),
        isGenerated: true, obstacles: obstacles[site] ?? [])
    }
    let admission = try StudyAdmission(
      of: candidates, to: study, words: .init(code: .invalidInput, exclusion: "broken"))
    let definition = try RunDefinition(
      study: study, studyText: StudyText.clinic(), agreedSites: [:], arms: plan.arms)
    let store = try RunStore(folder, for: definition, resume: true)
    let host = ReferenceHost(
      study, sites: admission.sites, store: store, failing: failing, failsTests: failsTests)
    let driver = StudyDriver(
      study: study, arms: plan.arms, plans: plan.models, admission: admission, store: store,
      setting: .simulation, host: host)
    let result = await Result(awaiting: { try await driver.run() })
    try await store.close()
    return (result, host.steps)
  }

  @Test func stepsAreTakenInOrderAndTheReportIsWritten() async throws {
    try await inTemporaryFolder { folder in
      let (result, steps) = try await drive(in: folder)
      let conclusion = try result.get()
      #expect(
        steps == ["prepare", "initial weights", "stored initial", "rehearsal"]
          + Array(repeating: "round of fedavg", count: 3) + Array(repeating: "round of local-east", count: 3)
          + Array(repeating: "round of local-west", count: 3) + ["tests of fedavg, local-east, local-west"])
      #expect(conclusion.results.status == .finished)
      #expect(conclusion.results.arms.map(\.name) == ["local", "fedavg"])
      #expect(conclusion.results.findings.map(\.message) == ["own", "own", "joint"])
      #expect(conclusion.results.sites.map(\.title) == ["Hospital east", "Hospital west"])
      #expect(FileManager.default.fileExists(atPath: conclusion.report.path))
    }
  }

  @Test func resumedStudyRunsOnlyTheRemainingSteps() async throws {
    let whole = try await inTemporaryFolder { try await drive(in: $0).conclusion.get() }
    try await inTemporaryFolder { folder in
      let (result, _) = try await drive(in: folder, failsTests: true)
      #expect(throws: ConsiliumError.self) { try result.get() }
      let (second, steps) = try await drive(in: folder)
      #expect(!steps.contains { $0.hasPrefix("round of") })
      let models = try second.get().models
      #expect(models.map(\.model.digest) == whole.models.map(\.model.digest))
      #expect(models.map(\.test) == whole.models.map(\.test))
    }
  }

  @Test func statisticsAreGatheredOnceIfTheStudyAsksForThem() async throws {
    var asking = self
    asking.study.report.statistics = true
    let test = asking
    try await inTemporaryFolder { folder in
      let (_, first) = try await test.drive(in: folder, failsTests: true)
      #expect(first.prefix(5) == ["prepare", "initial weights", "stored initial", "statistics", "rehearsal"])
      let (result, second) = try await test.drive(in: folder)
      #expect(!second.contains("statistics"))
      #expect(try result.get().results.statistics?.sites.map(\.patients) == [24, 24])
    }
  }

  @Test func studyContinuesWithoutStatistics() async throws {
    var asking = self
    asking.study.report.statistics = true
    let test = asking
    try await inTemporaryFolder { folder in
      let (result, _) = try await test.drive(in: folder, failing: ["statistics": .partial])
      let results = try result.get().results
      #expect(results.statistics == nil && results.status == .finished)
    }
  }

  @Test func armWithoutARequiredSiteEndsAlone() async throws {
    try await inTemporaryFolder { folder in
      let (result, _) = try await drive(in: folder, failing: ["local-east": .partial])
      let results = try result.get().results
      #expect(results.arms.map(\.name) == ["local", "fedavg"])
      guard case .partial(_, let reason) = results.status else {
        Issue.record("the status is \(results.status)")
        return
      }
      #expect(reason == "the arm 'local-east' fails")
    }
  }

  @Test func everyOtherErrorOfAnArmEndsTheRun() async throws {
    try await inTemporaryFolder { folder in
      let (result, steps) = try await drive(in: folder, failing: ["local-east": .storage])
      #expect(throws: ConsiliumError.self) { try result.get() }
      #expect(!steps.contains { $0.hasPrefix("tests of") })
    }
  }

  @Test func excludedSiteHasNoLocalArmAndNoData() async throws {
    try await inTemporaryFolder { folder in
      let (result, steps) = try await drive(in: folder, obstacles: [SiteID("west"): ["its disk is full"]])
      let results = try result.get().results
      #expect(steps.last == "tests of fedavg, local-east")
      #expect(results.dropped.map(\.site) == [SiteID("west")])
      #expect(results.sites.map(\.parts.isEmpty) == [false, true])
    }
  }
}
