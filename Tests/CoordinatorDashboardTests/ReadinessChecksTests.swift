import Dashboard
import FederatedCore
import FederatedRuntime
import Testing

@testable import CoordinatorDashboard

/// The cells of the readiness table.
struct ReadinessChecksTests {
  private func checks(hasValidationPart: Bool = true, _ change: (inout SiteReadiness) -> Void = { _ in })
    -> [String: ReadinessLine.Check]
  {
    var report = SiteReadiness(
      site: SiteID("north"),
      initialModel: .init(digest: "ab", file: "cd", layout: ParameterLayout(entries: [])),
      freeDisk: 41_000_000_000, memory: 16_000_000_000, clockSkew: 0.2)
    change(&report)
    let all = ReadinessChecks(
      report, initialModel: "ab", forecast: nil, hasValidationPart: hasValidationPart
    ).all
    return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }

  @Test func readySiteIsGoodThroughout() {
    let all = checks()
    #expect(all["Ready"] == .init("Ready", .good, "yes"))
    #expect(all["Disk"] == .init("Disk", .good, "41\u{A0}GB free"))
    #expect(all["Memory"] == .init("Memory", .good, "16\u{A0}GB"))
    #expect(all["Clock"] == .init("Clock", .good, "exact"))
    #expect(all["Initial weights"] == .init("Initial weights", .good, "the same"))
  }

  @Test func obstaclesAreNamed() {
    let check = checks { $0.obstacles = ["no disk", "no data"] }["Ready"]
    #expect(check == .init("Ready", .bad, "no disk; no data"))
  }

  @Test(arguments: [
    (4_999_999_999, ReadinessLine.Check("Disk", .warning, "5.0\u{A0}GB free")),
    (5_000_000_000, .init("Disk", .good, "5.0\u{A0}GB free")),
    (999_499_999_999, .init("Disk", .good, "999\u{A0}GB free")),
    (999_500_000_000, .init("Disk", .good, "1.0\u{A0}TB free")),
    (0, .init("Disk", .warning, "0.0\u{A0}kB free")),
  ])
  func littleDiskIsAWarning(bytes: Int, check: ReadinessLine.Check) {
    #expect(checks { $0.freeDisk = bytes }["Disk"] == check)
  }

  @Test(arguments: [
    (0.9, ReadinessLine.Verdict.good), (-1, .warning), (60, .warning), (60.5, .bad), (-3600, .bad),
  ])
  func clockIsJudgedByItsSkew(skew: Double, status: ReadinessLine.Verdict) {
    #expect(checks { $0.clockSkew = skew }["Clock"]?.verdict == status)
  }

  @Test func differentOrMissingWeightsAreBad() {
    #expect(
      checks { $0.initialModel?.digest = "ff" }["Initial weights"]
        == .init("Initial weights", .bad, "different from the others"))
    #expect(checks { $0.initialModel = nil }["Initial weights"] == .init("Initial weights", .bad, "none"))
  }

  @Test func onlyPartsThatTheStudyHasAreJudged() {
    let parts: [SessionDescription.Part] = [
      .init(part: .training, patients: 40, examples: 40), .init(part: .validation, patients: 0, examples: 0),
      .init(part: .test, patients: 10, examples: 10),
    ]
    let data = SessionDescription(
      parts: parts, findings: [], precision: "fp32", memoryFormat: "contiguous")
    let without = checks(hasValidationPart: false) { $0.data = data }
    #expect(without["Validation"] == nil)
    #expect(without["Training"] == .init("Training", .good, "40 patients"))
    #expect(without["Test"]?.verdict == .good)
    #expect(checks { $0.data = data }["Validation"]?.verdict == .bad)
  }

  @Test func dataThatCouldNotBeReadAreBad() {
    #expect(checks()["Data"] == .init("Data", .bad, "not read"))
  }
}
