import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import Testing

@testable import CoordinatorService

/// The coordinator's actor on its own: the permissions of each role, and the order in which studies run.
///
/// No site answers here, so a study that was started waits in its rehearsal.
struct CoordinatorServiceTests {
  private let north = SiteID("north")
  private let south = SiteID("south")

  // MARK: Proposals and signatures

  @Test func studyIsReadyOnceAllRequiredSitesHaveSigned() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let proposal = try fixture.proposal()
    let id = try await service.propose(WireJSON.encode(proposal), by: fixture.lead.party)
    #expect(id.hasPrefix("clinic-v1-"))
    #expect(try await service.state(of: id) == .proposed)
    try await service.decide(fixture.decision(of: north, on: proposal), study: id, from: north)
    #expect(try await service.state(of: id) == .proposed)
    try await service.decide(fixture.decision(of: south, on: proposal), study: id, from: south)
    #expect(try await service.state(of: id) == .ready)
    await service.shutDown()
  }

  @Test func withdrawnSignatureReturnsTheStudyToProposed() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let proposal = try fixture.proposal()
    let id = try await service.propose(WireJSON.encode(proposal), by: fixture.lead.party)
    for site in [north, south] {
      try await service.decide(fixture.decision(of: site, on: proposal), study: id, from: site)
    }
    let withdrawal = try fixture.decision(of: south, on: proposal, declines: "no time", revision: 2)
    try await service.decide(withdrawal, study: id, from: south)
    #expect(try await service.state(of: id) == .proposed)
    let error = try await #require(throws: ConsiliumError.self) {
      try await service.control(.start, study: id, reason: "", by: fixture.lead.party)
    }
    #expect(error.message == "study '\(id)' cannot start: site 'south' declined (no time)")
    await service.shutDown()
  }

  @Test func partiesCannotProposeOrDecideForOthers() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let proposal = try fixture.proposal()
    let data = try WireJSON.encode(proposal)
    await #expect(throws: ConsiliumError.self) { try await service.propose(data, by: fixture.other.party) }
    let id = try await service.propose(data, by: fixture.lead.party)
    let decision = try fixture.decision(of: north, on: proposal)
    let error = try await #require(throws: ConsiliumError.self) {
      try await service.decide(decision, study: id, from: south)
    }
    #expect(error.message == "site 'south' cannot decide for site 'north'")
    #expect(try await service.entry(id).stored.agreement.decisions.isEmpty)
    await service.shutDown()
  }

  @Test func repeatedProposalIsOneStudy() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let data = try WireJSON.encode(fixture.proposal())
    let first = try await service.propose(data, by: fixture.lead.party)
    #expect(try await service.propose(data, by: fixture.lead.party) == first)
    #expect(await service.order == [first])
    await service.shutDown()
  }

  // MARK: Control

  @Test func onlyALeadStartsAStudy() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    let brandt = Party(role: .operator, name: "brandt")
    let error = try await #require(throws: ConsiliumError.self) {
      try await service.control(.start, study: id, reason: "", by: brandt)
    }
    #expect(error.message.contains("can only be started by a study lead"))
    #expect(try await service.state(of: id) == .ready)
    await service.shutDown()
  }

  /// The sites verify the start by themselves, so the word of a lead's connection is not enough.
  @Test func startNeedsTheLeadsSignature() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let (id, other) = (
      try await fixture.agreed(service, seed: 1), try await fixture.agreed(service, seed: 2)
    )
    let stolen = try await fixture.start(id, service, by: fixture.other)
    let foreign = try await fixture.start(other, service)
    let past = try await fixture.start(id, service, until: Date(timeIntervalSinceNow: -60))
    for (start, message) in [
      (Data(), "cannot start without the lead's signature, which the sites verify; start it with"),
      (stolen, "lead/lead cannot start a study for lead/other"),
      (foreign, "the lead's start is about another study"), (past, "the lead's start was valid until"),
    ] {
      let error = await #expect(throws: ConsiliumError.self) {
        try await service.control(.start, study: id, reason: "", start: start, by: fixture.lead.party)
      }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
      #expect(try await service.state(of: id) == .ready)
    }
    #expect(try await fixture.begin(id, service) == .rehearsing)
    await service.shutDown()
  }

  /// Sites no longer work without a signed start, so the lead has to sign it once.
  @Test func studyStartedByAnEarlierVersionWaitsForItsLead() async throws {
    let fixture = try ServiceFixture()
    let id = try await leaveStudyWithoutStart(fixture)
    let service = try await fixture.open()
    #expect(try await service.state(of: id) == .paused)
    let reason = try await service.entry(id).stored.reason
    #expect(reason.contains("Its lead can start it with 'consilium study start \(id)'"), "\(reason)")
    let error = await #expect(throws: ConsiliumError.self) {
      try await service.control(.resume, study: id, reason: "", by: fixture.lead.party)
    }
    #expect(error?.message.contains("started it without the lead's signature") == true)
    #expect(try await fixture.begin(id, service) == .rehearsing)
    await service.shutDown()
  }

  /// Stops a coordinator with a running study that no lead has signed to start.
  private func leaveStudyWithoutStart(_ fixture: ServiceFixture) async throws -> String {
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    try await service.database.apply(StudyChange(state: .running), to: id)
    await service.shutDown()
    return id
  }

  @Test func studiesRunInTheOrderInWhichTheyWereStarted() async throws {
    let fixture = try ServiceFixture(concurrentStudies: 1)
    let service = try await fixture.open()
    var ids: [String] = []
    for seed in 1...3 { ids.append(try await fixture.agreed(service, seed: seed)) }
    // This differs from the order in which they were proposed.
    let started = [ids[1], ids[2], ids[0]]
    for id in started {
      #expect(
        try await fixture.begin(id, service) == .rehearsing)
    }
    #expect(await service.queue == Array(started.dropFirst()))
    #expect(try await service.entry(started[0]).task != nil)
    _ = try await service.control(.abort, study: started[0], reason: "", by: fixture.lead.party)
    #expect(await service.queue == [started[2]])
    #expect(try await service.entry(started[1]).task != nil)
    // A queued study that is paused leaves the queue without having run.
    _ = try await service.control(.pause, study: started[2], reason: "", by: fixture.lead.party)
    #expect(await service.queue.isEmpty)
    #expect(try await service.state(of: started[2]) == .paused)
    await service.shutDown()
  }

  @Test func concurrentStudiesAreLimited() async throws {
    let fixture = try ServiceFixture(concurrentStudies: 2)
    let service = try await fixture.open()
    var ids: [String] = []
    for seed in 1...3 {
      ids.append(try await fixture.agreed(service, seed: seed))
      try await fixture.begin(ids[seed - 1], service)
    }
    #expect(await service.queue == [ids[2]])
    #expect(await service.entries.values.count { $0.task != nil } == 2)
    await service.shutDown()
  }

  @Test func endedStudyCannotContinue() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    let lead = fixture.lead.party
    #expect(try await service.control(.abort, study: id, reason: "wrong table", by: lead) == .aborted)
    // Repeat the request, as a client does whose reply was lost.
    #expect(try await service.control(.abort, study: id, reason: "", by: lead) == .aborted)
    for action in [StudyAction.start, .resume, .pause] {
      let error = try await #require(throws: ConsiliumError.self) {
        try await service.control(action, study: id, reason: "", by: lead)
      }
      #expect(error.message == "study '\(id)' has ended (aborted)")
    }
    #expect(try await service.entry(id).stored.reason == "wrong table")
    await service.shutDown()
  }

  @Test func attemptsAreLimited() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    let early = try await #require(throws: ConsiliumError.self) {
      try await service.control(.repeat, study: id, reason: "lost", by: fixture.lead.party)
    }
    #expect(early.message == "study '\(id)' is ready, so there are no rounds to repeat")
    try await fixture.begin(id, service)
    #expect(
      try await service.control(.repeat, study: id, reason: "lost", by: fixture.lead.party) == .rehearsing)
    let attempts = try await service.entry(id).stored.mandate.attempts
    #expect(attempts.map(\.statement.number) == [2] && attempts.map(\.statement.reason) == ["lost"])
    #expect(try await service.database.studies().first?.attempts == attempts)
    let error = try await #require(throws: ConsiliumError.self) {
      try await service.control(.repeat, study: id, reason: "lost again", by: fixture.lead.party)
    }
    #expect(
      error.message == "study '\(id)' allows 2 attempts (federation.attempts), and this would be number 3")
    await service.shutDown()
  }

  // MARK: Restarts

  @Test func studiesResumeAfterARestart() async throws {
    let fixture = try ServiceFixture()
    let (running, paused, ready) = try await leaveStudies(fixture)
    let service = try await fixture.open()
    #expect(await service.order == [running, paused, ready])
    #expect(try await service.state(of: running) == .rehearsing)
    #expect(try await service.entry(running).task != nil)
    #expect(try await service.state(of: paused) == .paused)
    #expect(try await service.entry(paused).stored.reason == "over night")
    #expect(try await service.state(of: ready) == .ready)
    await service.shutDown()
  }

  /// Stops a coordinator with a running, a paused and a ready study.
  private func leaveStudies(_ fixture: ServiceFixture) async throws -> (String, String, String) {
    let service = try await fixture.open()
    let lead = fixture.lead.party
    let running = try await fixture.agreed(service, seed: 1)
    let paused = try await fixture.agreed(service, seed: 2)
    let ready = try await fixture.agreed(service, seed: 3)
    try await fixture.begin(paused, service)
    _ = try await service.control(.pause, study: paused, reason: "over night", by: lead)
    try await fixture.begin(running, service)
    await service.shutDown()
    return (running, paused, ready)
  }

  // MARK: News for sites

  @Test func waitingSiteReceivesEveryChange() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let hello = SiteHello(programVersion: "1", clock: Date(), process: "folder/1")
    _ = try await service.join(hello, from: north)
    let first = try #require(try await service.studies(of: north, known: 0, process: "folder/1"))
    #expect(first.studies.isEmpty)
    let news = Task { [north] in
      try await service.studies(of: north, known: first.revision, process: "folder/1")
    }
    let id = try await service.propose(WireJSON.encode(fixture.proposal()), by: fixture.lead.party)
    let notices = try #require(try await news.value)
    #expect(notices.revision > first.revision)
    #expect(notices.studies.map(\.study) == [id])
    #expect(notices.studies.first?.state == .proposed)
    await service.shutDown()
  }

  @Test func cancelledWaitReturnsNothing() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    _ = try await service.join(
      SiteHello(programVersion: "1", clock: Date(), process: "folder/1"), from: north)
    let revision = await service.revision
    let news = Task { [north] in
      try await service.studies(of: north, known: revision, process: "folder/1")
    }
    news.cancel()
    #expect(try await news.value == nil)
    await service.shutDown()
  }

  @Test func shutDownEndsAllWaits() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    _ = try await service.join(
      SiteHello(programVersion: "1", clock: Date(), process: "folder/1"), from: north)
    let revision = await service.revision
    let waits = (0..<20).map { _ in
      Task { [north] in try await service.studies(of: north, known: revision, process: "folder/1") }
    }
    await service.shutDown()
    for wait in waits { _ = try await wait.value }
  }

  // MARK: Endpoints

  @Test func endpointIsForMembersWhileTheStudyRuns() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    await #expect(throws: StudyAtRest.self) { try await service.endpoint(of: id, for: north, process: nil) }
    try await fixture.begin(id, service)
    while try await service.entry(id).endpoint == nil { await Task.yield() }
    let endpoint = try await service.endpoint(of: id, for: north, process: nil)
    #expect(endpoint.members == [north, south])
    let error = try await #require(throws: ConsiliumError.self) {
      try await service.endpoint(of: id, for: SiteID("west"), process: nil)
    }
    #expect(error.message == "site 'west' does not take part in study '\(id)'")
    _ = try await service.control(.pause, study: id, reason: "", by: fixture.lead.party)
    await #expect(throws: StudyAtRest.self) { try await service.endpoint(of: id, for: north, process: nil) }
    await service.shutDown()
  }
}
