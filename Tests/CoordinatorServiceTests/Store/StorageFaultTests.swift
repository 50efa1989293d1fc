import FederatedCore
import FederatedTransport
import Foundation
import GRDB
import StudyAgreement
import Testing

@testable import CoordinatorService

/// A change that the disk refuses does not happen: not in memory, not for those who watch, and not after a
/// restart. Whoever asked for it gets the error, and may ask again.
///
/// The database refuses the statements itself, in the middle of a transaction.
struct StorageFaultTests {
  private let north = SiteID("north")
  private let south = SiteID("south")

  @Test func startThatCannotBeStoredStartsNothing() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    try await service.refuse("UPDATE ON main.study")
    let error = try await #require(throws: ConsiliumError.self) {
      try await fixture.begin(id, service)
    }
    #expect(error.code == .storage)
    #expect(error.message.hasPrefix("cannot use '") && error.message.hasSuffix("disk I/O error"))
    #expect(try await service.state(of: id) == .ready)
    #expect(try await service.entry(id).stored.started == nil)
    #expect(try await service.entry(id).task == nil)
    #expect(await service.queue.isEmpty)
    try await service.refuse(nil)
    #expect(try await fixture.begin(id, service) == .rehearsing)
    #expect(try await service.database.studies().map(\.state) == [.rehearsing])
    await service.shutDown()
  }

  @Test func proposalThatCannotBeStoredMayBeRepeated() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let proposal = try WireJSON.encode(fixture.proposal())
    try await service.refuse("INSERT ON main.study")
    await #expect(throws: ConsiliumError.self) { try await service.propose(proposal, by: fixture.lead.party) }
    #expect(await service.order.isEmpty)
    try await service.refuse(nil)
    let id = try await service.propose(proposal, by: fixture.lead.party)
    #expect(try await service.database.studies().map(\.id) == [id])
    await service.shutDown()
  }

  /// The entry comes first, so a change without its entry cannot be found after a restart.
  @Test func changeWithoutItsLogEntryIsNotMade() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service, seed: 1)
    try FileManager.default.removeItem(at: service.auditFile)
    let lead = fixture.lead.party
    let proposal = try WireJSON.encode(fixture.proposal(seed: 2))
    let error = try await #require(throws: ConsiliumError.self) {
      try await service.propose(proposal, by: lead)
    }
    #expect(error.message.contains("was removed by another program while it was written"))
    await #expect(throws: ConsiliumError.self) {
      try await fixture.begin(id, service)
    }
    #expect(await service.order == [id])
    #expect(try await service.database.studies().map(\.state) == [.ready])
    #expect(try await service.state(of: id) == .ready)
    await service.shutDown()
  }

  @Test(arguments: ["INSERT ON main.decision", "UPDATE ON main.study"])
  func decisionCountsWithItsStateOrNotAtAll(statement: String) async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let proposal = try fixture.proposal()
    let id = try await service.propose(WireJSON.encode(proposal), by: fixture.lead.party)
    try await service.decide(fixture.decision(of: north, on: proposal), study: id, from: north)
    try await service.refuse(statement)
    let decision = try fixture.decision(of: south, on: proposal)
    await #expect(throws: ConsiliumError.self) { try await service.decide(decision, study: id, from: south) }
    #expect(try await service.entry(id).stored.agreement.decisions.count == 1)
    #expect(try await service.entry(id).plan == nil)
    #expect(try await service.database.studies().map(\.agreement.decisions.count) == [1])
    #expect(try await service.state(of: id) == .proposed)
    try await service.refuse(nil)
    try await service.decide(decision, study: id, from: south)
    #expect(try await service.state(of: id) == .ready)
    await service.shutDown()
  }

  @Test func studyRunsOnIfItsPauseCannotBeStored() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    let lead = fixture.lead.party
    try await fixture.begin(id, service)
    try await service.refuse("UPDATE ON main.study")
    for action in [StudyAction.pause, .abort] {
      await #expect(throws: ConsiliumError.self) {
        try await service.control(action, study: id, reason: "over night", by: lead)
      }
    }
    #expect(try await service.state(of: id) == .rehearsing)
    #expect(try await service.entry(id).stored.reason.isEmpty)
    #expect(try await service.entry(id).task?.isCancelled == false)
    try await service.refuse(nil)
    #expect(try await service.control(.pause, study: id, reason: "over night", by: lead) == .paused)
    await service.shutDown()
  }

  @Test func requiredSiteWithdrawsOnlyOnceThatIsStored() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let proposal = try fixture.proposal(sites: "{required: [north, south]}")
    let id = try await service.propose(WireJSON.encode(proposal), by: fixture.lead.party)
    for site in [north, south] {
      try await service.decide(fixture.decision(of: site, on: proposal), study: id, from: site)
    }
    try await fixture.begin(id, service)
    let withdrawal = try fixture.decision(of: south, on: proposal, declines: "no time", revision: 2)
    try await service.refuse("UPDATE ON main.study")
    await #expect(throws: ConsiliumError.self) {
      try await service.decide(withdrawal, study: id, from: south)
    }
    #expect(try await service.state(of: id) == .rehearsing)
    #expect(try await service.entry(id).task?.isCancelled == false)
    try await service.refuse(nil)
    try await service.decide(withdrawal, study: id, from: south)
    let stored = try #require(try await service.database.studies().first)
    #expect(stored.state == .failed && stored.ended != nil && stored.agreement.decisions.count == 3)
    #expect(stored.reason == "site 'south' is required and has withdrawn")
    await service.shutDown()
  }

  @Test func joinThatCannotBeStoredIsStoredByTheNext() async throws {
    let fixture = try ServiceFixture()
    let service = try await fixture.open()
    let hello = SiteHello(programVersion: "1", clock: Date(), process: "folder/1")
    try await service.refuse("INSERT ON main.site")
    await #expect(throws: ConsiliumError.self) { try await service.join(hello, from: north) }
    #expect(await service.register.entries[north] == nil)
    try await service.refuse(nil)
    _ = try await service.join(hello, from: north)
    #expect(try await service.database.knownSites().keys.contains(north))
    await service.shutDown()
  }

  // MARK: The end of a run

  /// A run that ends because of the disk, while the disk also refuses the pause.
  @Test func pauseIsStoredOnceTheDiskAllows() async throws {
    let fixture = try ServiceFixture(storageRetry: .milliseconds(5))
    let (service, id, studies) = try await runIntoAFault(fixture)
    let reason = try await service.entry(id).stored.reason
    #expect(reason.hasPrefix("cannot make the folder '") && reason.contains("Not a directory"))
    #expect(reason.contains("; the coordinator cannot store this: cannot use '"))
    #expect(try await service.database.studies().map(\.state) == [.rehearsing])
    try await service.refuse(nil)
    while try await service.state(of: id) != .paused { try await Task.sleep(for: .milliseconds(1)) }
    #expect(try await service.database.studies().map(\.state) == [.paused])
    // Its cause is gone, and a person resumes the study.
    try FileManager.default.removeItem(at: studies)
    _ = try await service.control(.resume, study: id, reason: "", by: fixture.lead.party)
    while try await service.entry(id).endpoint == nil { try await Task.sleep(for: .milliseconds(1)) }
    await service.shutDown()
  }

  @Test func studyPausedByTheDiskResumesByItself() async throws {
    let fixture = try ServiceFixture(storageRetry: .milliseconds(5), storageResumption: .milliseconds(20))
    let (service, id, studies) = try await runIntoAFault(fixture)
    try await service.refuse(nil)
    while try await service.state(of: id) != .paused { try await Task.sleep(for: .milliseconds(1)) }
    // The folder still cannot be made, so the study is resumed and paused again.
    while try await service.entry(id).storagePauses < 3 { try await Task.sleep(for: .milliseconds(1)) }
    try FileManager.default.removeItem(at: studies)
    while try await service.entry(id).endpoint == nil { try await Task.sleep(for: .milliseconds(1)) }
    #expect(try await service.state(of: id) == .rehearsing)
    await service.shutDown()
  }

  @Test func studyResumesBeforeItsPauseIsStored() async throws {
    let fixture = try ServiceFixture()
    let (service, id, studies) = try await runIntoAFault(fixture)
    let lead = fixture.lead.party
    await #expect(throws: ConsiliumError.self) {
      try await service.control(.resume, study: id, reason: "", by: lead)
    }
    try FileManager.default.removeItem(at: studies)
    try await service.refuse(nil)
    #expect(try await service.control(.resume, study: id, reason: "", by: lead) == .rehearsing)
    while try await service.entry(id).endpoint == nil { try await Task.sleep(for: .milliseconds(1)) }
    #expect(try await service.entry(id).stored.reason.isEmpty)
    await service.shutDown()
  }

  /// Starts a study whose folder cannot be made, and waits until its run has ended.
  ///
  /// - Returns: The coordinator, the study's ID, and the file in the way.
  private func runIntoAFault(_ fixture: ServiceFixture) async throws -> (CoordinatorService, String, URL) {
    let service = try await fixture.open()
    let id = try await fixture.agreed(service)
    let studies = await service.configuration.folder.appending(path: "studies")
    try Data().write(to: studies)
    // The start itself may be stored.
    try await service.refuse("UPDATE ON main.study WHEN NEW.state = 'paused'")
    try await fixture.begin(id, service)
    while try await !service.entry(id).isUnsettled { try await Task.sleep(for: .milliseconds(1)) }
    #expect(try await service.state(of: id) == .rehearsing)
    try await service.refuse("UPDATE ON main.study")
    return (service, id, studies)
  }
}

extension CoordinatorService {
  /// Lets the database refuse a kind of statement, such as `UPDATE ON main.study`, until the next call.
  fileprivate func refuse(_ statement: String?) throws {
    try database.write { database in
      try database.execute(sql: "DROP TRIGGER IF EXISTS temp.refusal")
      guard let statement else { return }
      try database.execute(
        sql: """
          CREATE TEMP TRIGGER refusal BEFORE \(statement) BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END
          """)
    }
  }
}
