import Credentials
import FederatedCore
import FederatedTesting
import Foundation
import StudyAgreement
import Testing

@testable import AuditLog

@Suite struct AuditLogTests {
  @Test func entriesAreNumberedAndChained() async throws {
    let test = try TestLog()
    try await test.write(3, sealing: nil)
    let entries = try test.entries()
    #expect(entries.map(\.sequence) == [1, 2, 3, 4])
    #expect(entries.map(\.kind) == ["log-opened", "round-committed", "round-committed", "round-committed"])
    #expect(entries.map(\.previous) == [AuditEntry.noHash] + entries.dropLast().map(\.hash))
    #expect(entries[2].subject == AuditSubject(study: "lgg", arm: "fedavg", round: 2))
    #expect(entries[2].details == ["examples": "102"])
    #expect(entries[2].time == now + 2)
    #expect(entries[2].actor == Party(role: .site, name: "DU"))
    #expect(try test.faults() == [])
  }

  /// Other programs read the format too, so its text is fixed.
  @Test func aLineIsCanonicalJSON() async throws {
    let test = try TestLog()
    let id = try #require(UUID(uuidString: "00000000-0000-0000-0000-000000000001"))
    _ = try AuditLog(file: test.file, owner: test.party, sealing: nil, at: now, newID: id)
    let entry =
      #"{"action":"log-opened","actor":{"name":"DU","role":"site"},"#
      + #""details":{"log":"00000000-0000-0000-0000-000000000001","seal-every":"never","version":"1"},"#
      + #""previous":"\#(String(repeating: "0", count: 64))","sequence":1,"subject":{},"time":"2027-01-15T08:00:00Z"}"#
    // The output of `printf '%s' "$entry" | sha256sum`.
    let hash = "ee636f454d7ef2ee8b9b881a00f7bb9f24094d6a4c3893bbcbb6012343236203"
    #expect(try test.lines() == [#"{"entry":\#(entry),"hash":"\#(hash)"}"# + "\n"])
  }

  @Test func reopenedLogContinuesTheChain() async throws {
    let test = try TestLog()
    var log: AuditLog? = try test.open(sealing: nil)
    let id = log?.id
    try await log?.append(test.record(1), at: now)
    let head = await log?.head
    log = nil
    let again = try test.open(sealing: nil)
    #expect(again.id == id)
    #expect(await again.head == head)
    let appended = try await again.append([test.record(2), test.record(3)], at: now)
    #expect(appended.sequence == 4)
    #expect(try test.faults() == [])
  }

  @Test func appendingNoEntriesChangesNothing() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    #expect(try await log.append([], at: now).sequence == 1)
    #expect(try test.lines().count == 1)
  }

  @Test func secondWriterIsRefused() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    let error = #expect(throws: ConsiliumError.self) { try test.open(sealing: nil) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("a log has one writer") == true)
    try await log.append(test.record(1), at: now)
    #expect(try test.faults() == [])
  }

  @Test func startingChildProcessDoesNotHoldTheLogLock() async throws {
    let test = try TestLog()
    var log: AuditLog? = try test.open(sealing: nil)
    let child = try #require(InheritedFile(test.file))
    #expect(log != nil)
    log = nil
    _ = try test.open(sealing: nil)
    withExtendedLifetime(child) {}
  }

  @Test func logOfAnotherOwnerIsRefused() async throws {
    let test = try TestLog()
    try await test.write(1, sealing: nil)
    let before = try test.lines()
    let error = #expect(throws: ConsiliumError.self) {
      try AuditLog(file: test.file, owner: Party(role: .site, name: "HT"), sealing: nil, at: now)
    }
    #expect(error?.code == .invalidInput)
    #expect(error?.message.contains("the log of site/DU, not of site/HT") == true)
    #expect(try test.lines() == before)
  }

  @Test(arguments: ["site: DU\n", "{\"other\":1}", "x"]) func fileThatIsNotALogIsRefusedUnchanged(
    text: String
  ) throws {
    let test = try TestLog()
    try test.put(text)
    let error = #expect(throws: ConsiliumError.self) { try test.open(sealing: nil) }
    #expect(error?.code == .invalidInput)
    #expect(try String(contentsOf: test.file, encoding: .utf8) == text)
  }

  @Test func aDamagedEndIsRefused() async throws {
    let test = try TestLog()
    let lines = try await test.write(2, sealing: nil)
    try test.put(lines.joined().replacing("\"102\"", with: "\"103\""))
    let error = #expect(throws: ConsiliumError.self) { try test.open(sealing: nil) }
    #expect(error?.code == .storage)
    #expect(error?.message.contains("consilium audit verify") == true)
  }

  @Test func longDetailsAreTruncatedAndStrangeOnesStayOnOneLine() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    let strange = "line\nfeed \u{0} \"quoted\" \u{2028} ü 🩻"
    let details = ["reason": String(repeating: "e\u{301}", count: 5000), "strange": strange]
    try await log.append(AuditRecord(.siteDropped, by: test.party, details: details), at: now)
    let entry = try #require(try test.entries().last)
    #expect(entry.details["reason"]?.unicodeScalars.count == AuditRecord.longestDetail)
    #expect(entry.details["strange"] == "line feed \u{FFFD} \"quoted\"   ü 🩻")
    #expect(try test.lines().count == 2)
    #expect(try test.faults() == [])
  }

  @Test func kindsOfALaterVersionAreReadAndVerified() async throws {
    let test = try TestLog()
    let lines = try await test.write(0, sealing: nil)
    let genesis = try #require(try test.entries().first)
    let entry =
      #"{"action":"swarm-formed","actor":{"name":"DU","role":"site"},"details":{},"later":{"field":1},"#
      + #""previous":"\#(genesis.hash)","sequence":2,"subject":{"peer":"HT"},"time":"2027-01-15T08:00:00Z"}"#
    try test.put(
      lines.joined() + #"{"entry":\#(entry),"hash":"\#(Fingerprint.of(Data(entry.utf8)))"}"# + "\n")
    let last = try #require(try test.entries().last)
    #expect(last.kind == "swarm-formed")
    #expect(last.action == nil)
    #expect(try test.faults() == [])
    _ = try await test.open(sealing: nil).append(test.record(1), at: now)
    #expect(try test.faults() == [])
  }
}
