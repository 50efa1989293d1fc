import FederatedCore
import FederatedRuntime

/// Gathers what the sites of a study found, and waits for those who have not said yet.
actor ReadinessBoard {
  private var reports: [SiteID: SiteReadiness]
  /// Sent with every report.
  private let changes = Signal()

  init(_ reports: [SiteReadiness] = []) {
    self.reports = Dictionary(reports.map { ($0.site, $0) }, uniquingKeysWith: { $1 })
  }

  var all: [SiteReadiness] { reports.values.sorted { $0.site < $1.site } }

  func add(_ report: SiteReadiness) {
    reports[report.site] = report
    changes.send()
  }

  /// Forgets the sites that were not ready; they say again how they are.
  func forgetUnready() { reports = reports.filter { $0.value.isReady } }

  /// Forgets all; the sites get ready anew.
  func forgetAll() { reports = [:] }

  /// Waits until all `sites` have said, or the time is up for those that are not required, or the task is cancelled.
  func wait(for sites: [SiteID], required: Set<SiteID>, patience: Duration) async throws -> [SiteReadiness] {
    let clock = ContinuousClock()
    let end = clock.now + patience
    let alarm = Task {
      try await clock.sleep(until: end)
      changes.send()
    }
    defer { alarm.cancel() }
    while true {
      let seen = changes.count
      let isWaiting = clock.now < end
      guard sites.contains(where: { reports[$0] == nil && (isWaiting || required.contains($0)) }) else {
        break
      }
      try Task.checkCancellation()
      await changes.wait(after: seen)
    }
    try Task.checkCancellation()
    return sites.compactMap { reports[$0] }
  }
}
