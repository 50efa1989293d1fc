import CoordinatorService
import Credentials
import Dashboard
import FederatedCore
import FederatedTransport
import Foundation
import Reporting

/// Supplies the dashboard of a running coordinator, and carries out visitors' requests.
package struct CoordinatorDashboardSource: DashboardSource {
  /// The state of the network server that the dashboard shows.
  package struct Network: Sendable {
    package var isListening: @Sendable () -> Bool
    package var connections: @Sendable () -> Int
    /// The parties with an open connection.
    package var parties: @Sendable () -> Set<Party>
    /// The bytes that sites have sent and fetched in files.
    package var traffic: @Sendable () -> [SiteID: SiteTraffic]

    package init(
      isListening: @escaping @Sendable () -> Bool, connections: @escaping @Sendable () -> Int,
      parties: @escaping @Sendable () -> Set<Party>, traffic: @escaping @Sendable () -> [SiteID: SiteTraffic]
    ) {
      self.isListening = isListening
      self.connections = connections
      self.parties = parties
      self.traffic = traffic
    }
  }

  package let service: CoordinatorService
  package let network: Network
  let runs = RunWatch()
  let audit: AuditWatch
  /// The time at which the coordinator started.
  let started: Date
  let now: @Sendable () -> Date
  /// The signal that is sent when a party connects or disconnects.
  package let arrivals: Signal

  package init(
    _ service: CoordinatorService, network: Network, arrivals: Signal,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.service = service
    self.network = network
    self.arrivals = arrivals
    self.now = now
    (started, audit) = (now(), AuditWatch(service.auditFile))
  }

  package func overview() async throws -> Overview {
    let studies = try await service.observedStudies()
    return Overview(
      consortium: service.currentIdentity.authority.consortium, studies: studies.map(line),
      sites: await sites(), time: now())
  }

  package func study(_ id: String) async throws -> StudyPage? {
    guard let study = try await service.observedStudy(id) else { return nil }
    return try await page(of: study)
  }

  package func report(of id: String) async throws -> URL? {
    guard let study = try await service.observedStudy(id), study.status.state.hasEnded else { return nil }
    return await runs.run(of: study).report
  }

  package func files(of id: String) async throws -> [ResultFile] {
    guard try await service.observedStudy(id) != nil else { return [] }
    return await service.resultFiles(of: id).map { file in
      let size = try? FileManager.default.attributesOfItem(atPath: file.url.path(percentEncoded: false))[
        .size]
      return ResultFile(path: file.path, url: file.url, size: (size as? NSNumber)?.intValue ?? 0)
    }
  }

  package func comparison(of ids: [String]) async throws -> String {
    var entries: [ComparisonReport.Entry] = []
    for id in ids {
      guard let study = try await service.observedStudy(id) else {
        throw ConsiliumError(.invalidInput, "there is no study '\(id.prefix(80))'")
      }
      guard let results = await runs.run(of: study).results else {
        throw ConsiliumError(.invalidInput, "the study '\(id)' has no results to compare")
      }
      entries.append(.init(label: id, results: results))
    }
    return try ComparisonReport(entries).html
  }

  package func audit(study: String?, limit: Int) async throws -> [AuditLine] {
    try await audit.newest(limit, of: study)
  }

  package func perform(_ action: DashboardAction, by visitor: Visitor) async throws {
    let (what, reason): (StudyAction, String) =
      switch action {
      case .pause: (.pause, "")
      case .resume: (.resume, "")
      case .abort(_, let reason): (.abort, reason)
      }
    _ = try await service.control(what, study: action.study, reason: reason, by: visitor.party)
  }

  package func health() async -> Health {
    var reasons = await service.faults()
    if !network.isListening() { reasons.append("the coordinator is not listening for sites") }
    return Health(isReady: reasons.isEmpty, reasons: reasons)
  }

  // MARK: Changes

  package func changes() -> AsyncStream<DashboardChange> {
    let (stream, sink) = AsyncStream.makeStream(
      of: DashboardChange.self, bufferingPolicy: .bufferingNewest(1000))
    let watching = Task {
      await withTaskGroup { group in
        group.addTask {
          for await change in service.changes() {
            switch change {
            case .rounds(let study): sink.yield(.study(study))
            case .everything:
              sink.yield(.overview)
              for study in (try? await service.observedStudies()) ?? [] {
                sink.yield(.study(study.status.id))
              }
            }
          }
        }
        group.addTask { for await _ in arrivals.sends { sink.yield(.overview) } }
        // Both tasks end when the coordinator ends, so waiting for the first one is enough.
        await group.next()
        group.cancelAll()
      }
      sink.finish()
    }
    sink.onTermination = { _ in watching.cancel() }
    return stream
  }

  // MARK: Sites

  /// The sites, with the values that `study status` prints.
  private func sites() async -> [SiteLine] {
    await service.observedSites().map { site in
      SiteLine(
        site: site.site, link: site.shownLink, lastSeen: site.lastSeen,
        version: site.programVersion.isEmpty ? nil : site.programVersion,
        certificateExpires: site.certificateExpires,
        // The clock skew of a site that has not joined since the coordinator started is unknown.
        clockSkew: site.isConnected || site.clockSkew != 0 ? site.clockSkew : nil)
    }
  }
}
