import AuditLog
import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@testable import SiteAgent

struct OverlapPermitsTests {
  private let time = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))

  private func permit(_ files: AgentFiles, study: String = "5d", by signer: Identity? = nil) throws
    -> OverlapPermit
  {
    let statement = try OverlapStatement(
      study: study, site: SiteID("HT"), person: "A. Person", reason: "three new patients agreed",
      sets: try OverlapPermits(files.folder).releasedSets())
    return try Signed(statement) { (data) throws(ConsiliumError) in
      try (signer ?? files.identity).sign(data, at: time)
    }
  }

  private func takeUp(_ files: AgentFiles, _ log: AuditLog) async throws -> Set<String> {
    try await OverlapPermits(files.folder).takeUp(
      "lgg", digest: "5d", of: files.identity.party, by: files.identity.authority, in: log, at: time)
  }

  @Test func aPermitIsLoggedOnceWithWhoWhenAndWhy() async throws {
    let files = try AgentFiles()
    let log = try files.openLog()
    #expect(try await takeUp(files, log).isEmpty)
    _ = try FileReleaseHistory(files.folder.releasedSets).enter(.madeUp(40), minimum: 10)
    try OverlapPermits(files.folder).keep(try permit(files), for: "lgg")
    for _ in 1...2 { #expect(try await takeUp(files, log).count == 1) }
    let entries = try files.entries()
    let entry = try #require(entries.first)
    #expect(entries.count == 1 && entry.action == .overlapPermitted)
    #expect(entry.actor == files.identity.party)
    #expect(entry.subject == AuditSubject(study: "lgg", digest: "5d", site: SiteID("HT")))
    #expect(entry.details["person"] == "A. Person")
    #expect(entry.details["reason"] == "three new patients agreed")
    #expect(entry.details["time"] == time.formatted(.iso8601))
    #expect(entry.details["sets"] == "1")
  }

  @Test func permitsOfOthersAndForOtherStudiesAreRefused() async throws {
    let files = try AgentFiles()
    let log = try files.openLog()
    _ = try FileReleaseHistory(files.folder.releasedSets).enter(.madeUp(40), minimum: 10)
    let stranger = try TestAuthority().identity(.site, "HT")
    for wrong in [try permit(files, study: "6e"), try permit(files, by: stranger)] {
      try OverlapPermits(files.folder).keep(wrong, for: "lgg")
      let error = await #expect(throws: ConsiliumError.self) { try await takeUp(files, log) }
      #expect(error?.message.hasPrefix("the overlap permit for study 'lgg' is ") == true)
    }
    #expect(try files.entries().isEmpty)
  }

  @Test func aPermitNeedsAPersonAReasonAndEarlierReleases() {
    for (person, reason, sets) in [(" ", "r", ["a"]), ("p", "", ["a"]), ("p", "r", [])] {
      #expect(throws: ConsiliumError.self) {
        try OverlapStatement(study: "5d", site: SiteID("HT"), person: person, reason: reason, sets: sets)
      }
    }
  }
}
