import FederatedCore
import FederatedRuntime

/// Collects the sites' readiness reports and waits for missing reports.
actor ReadinessBoard {
  private var reports: [SiteID: SiteReadiness]
  /// The signal that is sent with every report.
  private let changes = Signal()

  init(_ reports: [SiteReadiness] = []) {
    self.reports = Dictionary(reports.map { ($0.site, $0) }, uniquingKeysWith: { $1 })
  }

  var all: [SiteReadiness] { reports.values.sorted { $0.site < $1.site } }

  func add(_ report: SiteReadiness) {
    reports[report.site] = report
    changes.send()
  }

  /// Discards the reports of sites that were not ready; they report again.
  func forgetUnready() { reports = reports.filter { $0.value.isReady } }

  /// Discards all reports; all sites prepare and report again.
  func forgetAll() { reports = [:] }

  /// Waits until all `sites` have reported. Stops waiting for optional sites after `patience`. Throws if the
  /// task is cancelled.
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
