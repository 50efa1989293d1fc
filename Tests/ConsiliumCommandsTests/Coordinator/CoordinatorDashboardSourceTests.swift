import CoordinatorDashboard
import CoordinatorService
import Credentials
import Dashboard
import FederatedCore
import FederatedTransport
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

/// Tests the dashboard's pages with a real coordinator, whose sites train with real workers over TLS.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct CoordinatorDashboardSourceTests {
  private let lead = Visitor(party: Party(role: .lead, name: "meyer"), signIn: .token)
  private let `operator` = Visitor(party: Party(role: .operator, name: "brandt"), signIn: .token)

  private let both = [SiteID("north"), SiteID("south")]

  private func board(_ service: CoordinatorService, connected: [String] = []) async
    -> CoordinatorDashboardSource
  {
    let parties = Set(connected.map { Party(role: .site, name: $0) })
    await service.attach { parties }
    return CoordinatorDashboardSource(
      service,
      network: .init(
        isListening: { true }, connections: { parties.count }, parties: { parties },
        traffic: { [SiteID("north"): SiteTraffic(received: 12, sent: 34)] }),
      arrivals: Signal())
  }

  /// Returns the study's page once it satisfies a condition.
  private func page(
    _ board: CoordinatorDashboardSource, _ id: String, seen: (StudyPage) -> Void = { _ in },
    when isRight: (StudyPage) -> Bool
  ) async throws -> StudyPage {
    let changes = board.changes()
    func look() async throws -> StudyPage {
      let page = try #require(try await board.study(id))
      seen(page)
      return page
    }
    var page = try await look()
    for await change in changes where !isRight(page) && change == .study(id) {
      page = try await look()
      if isRight(page) { break }
    }
    return page
  }

  @Test func showsAStudyFromItsProposalToItsReport() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      try await consortium.withCoordinator { port, service in
        let board = await board(service, connected: ["north"])
        #expect(try await board.overview().studies.isEmpty)
        #expect(try await board.study("nothing") == nil)
        let id = try await consortium.asLead(port: port) { try await $0.propose(consortium.proposal()) }
        let proposed = try #require(try await board.study(id))
        #expect(proposed.line.state == .proposed)
        #expect(proposed.agreement.map(\.decision) == [.waiting, .waiting])
        #expect(proposed.agreement.allSatisfy { $0.isRequired })
        #expect(proposed.explanation.contains("Disease from two findings"))
        #expect(try await board.overview().sites.map(\.link) == [.never, .never])

        for site in consortium.sites.keys { try await consortium.sign(id, at: site, port: port) }
        let ready = try #require(try await board.study(id))
        #expect(ready.line.state == .ready)
        #expect(ready.agreement.map(\.decision) == [.signed, .signed])
        #expect(ready.agreement.first?.signer == "site/north")
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in consortium.sites.keys {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          try await consortium.start(id, port: port)
          var rounds: [LiveRound] = []
          let ended = try await page(board, id, seen: { rounds += $0.live }) { $0.line.state.isOver }
          group.cancelAll()
          check(ended, of: consortium)
          #expect(rounds.contains { $0.arm == "fedavg" && $0.sites.map(\.site) == both })
          #expect(rounds.allSatisfy { (1...$0.rounds).contains($0.round) })
        }
        let report = try #require(try await board.report(of: id))
        #expect(try String(contentsOf: report, encoding: .utf8).contains("Disease from two findings"))
        try await checkAudit(board, id)
        try await checkOverview(board)
        checkMetrics(await board.metrics(), id)
        #expect(await board.health() == Health(isReady: true))
      }
    }
  }

  private func check(_ page: StudyPage, of consortium: Consortium) {
    #expect(page.line.state == .finished, "\(page.line.note ?? "")")
    #expect(page.line.round == consortium.rounds && page.line.rounds == consortium.rounds)
    #expect(page.line.startedAt != nil)
    #expect(page.hasReport && page.live.isEmpty)
    #expect(
      page.readiness.first?.checks.map(\.name) == [
        "Ready", "Data", "Training", "Validation", "Test", "Disk", "Memory", "Clock", "Link",
        "Initial weights",
      ])
    #expect(page.readiness.map(\.site) == both)
    for line in page.readiness {
      #expect(line.checks.allSatisfy { $0.verdict != .bad }, "\(line)")
      #expect(line.roundForecast != nil)
    }
    #expect(page.curves.map(\.arm) == ["fedavg", "local"])
    for curves in page.curves {
      #expect(curves.metric == "auc")
      #expect(curves.sites.map(\.site) == both)
      #expect(curves.sites.allSatisfy { $0.loss.map(\.round) == [1, 2, 3] })
    }
    // Three rounds of the arm of both sites, and of each site's own arm.
    #expect(page.manifests.count == 9)
    #expect(page.manifests.suffix(3).map(\.arm) == ["fedavg", "fedavg", "fedavg"])
    #expect(page.manifests.suffix(3).map(\.round) == [1, 2, 3])
    #expect(page.manifests.allSatisfy { $0.contributors.allSatisfy(\.hasSigned) && $0.dropped.isEmpty })
    #expect(page.manifests.last?.contributors.map(\.site) == both)
    #expect(page.results.map(\.metric) == ["auc", "accuracy"])
    #expect(page.results.first?.rows.map(\.model) == ["local north", "local south", "fedavg"])
    #expect(page.results.allSatisfy { $0.rows.allSatisfy { $0.values.count == 2 } })
  }

  private func checkAudit(_ board: CoordinatorDashboardSource, _ id: String) async throws {
    let lines = try await board.audit(study: id, limit: 1000)
    #expect(lines.map(\.number) == lines.map(\.number).sorted(by: >))
    #expect(lines.last?.event == "study proposed")
    #expect(lines.contains { $0.event == "study ended" && $0.detail.contains("model fedavg: ") })
    #expect(lines.contains { $0.event == "study started" && $0.actor == "lead/lead" })
    #expect(lines.contains { $0.event == "round committed" && $0.detail.hasPrefix("arm fedavg, round 3; ") })
    try await board.service.signedIn(Party(role: .operator, name: "brandt"))
    try await board.service.refusedSignIn(from: "192.0.2.7")
    let all = try await board.audit(study: nil, limit: 3)
    #expect(all.count == 3)
    #expect(all.first?.event == "sign in refused")
    #expect(all.first?.detail.contains("192.0.2.7") == true)
    #expect(all.dropFirst().first?.event == "signed in")
    #expect(all.dropFirst().first?.actor == "operator/brandt")
    #expect(all.first?.digest.count == 64)
  }

  private func checkOverview(_ board: CoordinatorDashboardSource) async throws {
    let overview = try await board.overview()
    #expect(overview.consortium == "clinic")
    #expect(overview.studies.map(\.state) == [.finished])
    // The coordinator has heard from both sites, but only the first has an open connection.
    #expect(overview.sites.map(\.link) == [.connected, .away])
    for site in overview.sites {
      #expect(site.version != nil && site.lastSeen != nil)
      // All clocks are the same; only the duration of the call differs.
      #expect(abs(site.clockSkew ?? 99) < 60)
      let end = try #require(site.certificateExpires)
      #expect(end > overview.time)
    }
  }

  private func checkMetrics(_ samples: [MetricSample], _ id: String) {
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
      samples.first { $0.name == name && $0.labels == labels }?.value
    }
    #expect(value("consilium_rounds_total", ["study": id, "arm": "fedavg"]) == 3)
    #expect(value("consilium_rounds_total", ["study": id, "arm": "local-south"]) == 3)
    #expect(value("consilium_studies", ["state": "finished"]) == 1)
    #expect(value("consilium_studies", ["state": "running"]) == 0)
    #expect(value("consilium_sites", ["link": "connected"]) == 1)
    #expect(value("consilium_connections") == 1)
    #expect(value("consilium_site_received_bytes_total", ["site": "north"]) == 12)
    #expect(value("consilium_site_sent_bytes_total", ["site": "north"]) == 34)
    #expect(value("consilium_audit_log_entries_total") ?? 0 > 10)
    #expect(value("process_resident_memory_bytes") ?? 0 > 1_000_000)
    #expect(samples.contains { $0.name == "consilium_build_info" && $0.labels["version"] != nil })
    #expect(value("consilium_certificate_expiry_timestamp_seconds", ["party": "site/north"]) != nil)
  }

  @Test func operatorPausesAndResumesAndLeadAborts() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.rounds = 50
      let consortium = made
      try await consortium.withCoordinator { port, service in
        let board = await board(service)
        let id = try await consortium.asLead(port: port) { try await $0.propose(consortium.proposal()) }
        for site in consortium.sites.keys { try await consortium.sign(id, at: site, port: port) }
        // There is no agent, so the study waits for the sites.
        try await consortium.start(id, port: port)
        #expect(try await board.study(id)?.line.state == .rehearsing)
        try await board.perform(.pause(study: id), by: `operator`)
        #expect(try await board.study(id)?.line.state == .paused)
        try await board.perform(.resume(study: id), by: `operator`)
        #expect(try await board.study(id)?.line.state == .rehearsing)
        try await board.perform(.abort(study: id, reason: "the ethics board asks"), by: lead)
        let aborted = try #require(try await board.study(id))
        #expect(aborted.line.state == .aborted)
        #expect(aborted.line.note == "the ethics board asks")
        #expect(try await board.report(of: id) == nil)
        let lines = try await board.audit(study: id, limit: 3)
        #expect(lines.map(\.event) == ["study aborted", "study resumed", "study paused"])
        #expect(lines.map(\.actor) == ["lead/meyer", "operator/brandt", "operator/brandt"])
      }
    }
  }

  @Test func coordinatorThatCannotWriteIsNotReady() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let service = try CoordinatorService(
        CoordinatorConfiguration(folder: folder.appending(path: "coordinator")),
        keeper: IdentityKeeper(consortium.coordinator))
      let deaf = CoordinatorDashboardSource(
        service,
        network: .init(isListening: { false }, connections: { 0 }, parties: { [] }, traffic: { [:] }),
        arrivals: Signal()
      )
      #expect(
        await deaf.health() == Health(isReady: false, reasons: ["the coordinator is not listening for sites"])
      )
      await service.shutDown()
      let health = await board(service).health()
      #expect(!health.isReady && health.isAlive)
      #expect(health.reasons.first?.contains("coordinator.sqlite") == true)
    }
  }
}
