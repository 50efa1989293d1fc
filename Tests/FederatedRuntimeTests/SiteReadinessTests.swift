import FederatedCore
import FederatedRuntime
import Testing

struct SiteReadinessTests {
  private let usual = SiteReadiness(
    site: SiteID("a"),
    data: SessionDescription(
      parts: [.init(part: .training, patients: 12, examples: 400)],
      findings: [
        DataFinding(severity: .warning, site: SiteID("a"), element: nil, records: nil, message: "is missing")
      ], precision: "fp32", memoryFormat: "contiguous"), freeDisk: 1 << 55, memory: 1 << 40, clockSkew: -3)

  @Test func numbersOfASiteArePlausible() {
    #expect(usual.isPlausible)
  }

  @Test func impossibleNumbersAreNotPlausible() {
    let changes: [(inout SiteReadiness) -> Void] = [
      { $0.data?.parts[0].patients = .max }, { $0.data?.parts[0].examples = -1 },
      { $0.data?.findings[0].records = .max }, { $0.freeDisk = -1 }, { $0.memory = .min },
      { $0.clockSkew = 1e300 }, { $0.clockSkew = .nan },
    ]
    for change in changes {
      var readiness = usual
      change(&readiness)
      #expect(!readiness.isPlausible)
    }
  }
}
