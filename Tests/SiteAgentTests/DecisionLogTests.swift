import AuditLog
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@testable import SiteAgent

struct DecisionLogTests {
  private func decision(_ verdict: String, revision: Int, _ files: AgentFiles) throws -> SiteDecision {
    var fields: [String: Any] = [
      "study": "5d", "proposal": "9a", "site": "HT", "revision": revision, "verdict": verdict, "policy": "77",
      "data": verdict == "signed" ? "31" : "",
    ]
    if verdict == "declined" { fields["reason"] = "no capacity" }
    let statement = try JSONDecoder().decode(
      DecisionStatement.self, from: JSONSerialization.data(withJSONObject: fields))
    return try Signed(statement) { (data) throws(ConsiliumError) in
      try files.identity.sign(data, at: Date(timeIntervalSince1970: 1_900_000_000))
    }
  }

  @Test func decisionsAreLoggedOnceAndInOrder() async throws {
    let files = try AgentFiles()
    let (decisions, log) = (DecisionLog(files.folder), try files.openLog())
    try decisions.keep(try decision("signed", revision: 1, files), about: "lgg")
    try await decisions.enter("lgg", in: log, at: Date())
    for revision in [10, 9] {
      try decisions.keep(try decision("declined", revision: revision, files), about: "lgg")
    }
    try await decisions.enter("lgg", in: log, at: Date())
    try await decisions.enter("lgg", in: log, at: Date())
    let entries = try files.entries()
    #expect(entries.map(\.action) == [.studySigned, .studyDeclined, .studyDeclined])
    let (signed, declined) = (entries[0], entries[1])
    #expect(signed.subject == AuditSubject(study: "lgg", digest: "5d", site: SiteID("HT")))
    #expect(signed.actor == files.identity.party)
    #expect(signed.details["data"] == "31")
    #expect(signed.details["policy"] == "77")
    #expect(signed.details["time"] == "2030-03-17T17:46:40Z")
    #expect(declined.details["reason"] == "no capacity")
    #expect(
      try declined.details["decision"] == decision("declined", revision: 9, files).statement.digest())
  }

  @Test func studyWithoutADecisionIsNotLogged() async throws {
    let files = try AgentFiles()
    try await DecisionLog(files.folder).enter("lgg", in: try files.openLog(), at: Date())
    #expect(try files.entries().isEmpty)
  }

  @Test func damagedDecisionFileIsNamed() async throws {
    let files = try AgentFiles()
    let (decisions, log) = (DecisionLog(files.folder), try files.openLog())
    try decisions.keep(try decision("signed", revision: 1, files), about: "lgg")
    let file = try files.folder.study("lgg").appending(path: "decision-1.json")
    try Data("{".utf8).write(to: file)
    let error = await #expect(throws: ConsiliumError.self) {
      try await decisions.enter("lgg", in: log, at: Date())
    }
    #expect(error?.code == .storage)
    #expect(error?.message.contains("decision-1.json' is damaged") == true)
  }
}
