import Credentials
import Foundation
import StudyAgreement
import Testing

@testable import AuditLog

@Suite struct AuditVerifierTests {
  @Test func eachFaultIsNamedWithItsLine() async throws {
    let test = try TestLog()
    var lines = try await test.write(8, sealing: nil)
    lines[2] = lines[2].replacing("\"102\"", with: "\"999\"")
    let hash = try test.entries()[4].hash
    lines[4] = lines[4].replacing(hash, with: String(repeating: "a", count: 64))
    lines.remove(at: 6)
    lines.insert("no entry\n", at: 0)
    try test.put(lines.joined() + "{\"entry\":")
    let found = try test.verify()
    #expect(
      found.faults.map { "\($0.line ?? 0) \($0.kind.rawValue)" } == [
        "1 unreadable", "4 changed", "6 wrong-hash", "8 missing", "0 torn-tail",
      ])
    #expect(found.faults.map(\.message)[3] == "entry 7 is missing before this line")
    #expect(found.entryCount == 8)
  }

  @Test(arguments: [Int.min, 0, (1 << 40) + 1, Int.max])
  func invalidSequenceNumberIsUnreadable(sequence: Int) async throws {
    let test = try TestLog()
    var lines = try await test.write(2, sealing: nil)
    var entry = try test.entries()[1]
    entry.sequence = sequence
    lines.insert(String(decoding: try AuditEntryLine.encode(entry).line, as: UTF8.self), at: 2)
    try test.put(lines.joined())
    let found = try test.verify()
    #expect(found.faults.map { "\($0.line ?? 0) \($0.kind.rawValue)" } == ["3 unreadable"])
  }

  @Test func replacedEntryIsFoundByItsSuccessor() async throws {
    let test = try TestLog()
    var lines = try await test.write(3, sealing: nil)
    var entry = try test.entries()[2]
    entry.details["examples"] = "999"
    lines[2] = String(decoding: try AuditEntryLine.encode(entry).line, as: UTF8.self)
    try test.put(lines.joined())
    let found = try test.verify()
    #expect(found.faults.map { "\($0.line ?? 0) \($0.kind.rawValue)" } == ["4 exchanged"])
  }

  @Test func aMissingBeginningIsFound() async throws {
    let test = try TestLog()
    let lines = try await test.write(3, sealing: test.sealing())
    try test.put(lines.dropFirst(3).joined())
    let found = try test.verify()
    #expect(found.faults.first?.message == "entries 1 to 3 are missing before this line")
    #expect(found.owner == nil)
  }

  @Test func emptyFileIsAFault() throws {
    let test = try TestLog()
    try test.put("")
    #expect(
      try test.verify().faults.map(\.description) == [
        "empty: the log has no entry; every log begins with an entry that names its owner, so this one was emptied"
      ])
    let anchor = AuditAnchor(sequence: 3, hash: String(repeating: "a", count: 64))
    let found = try test.verify([anchor])
    #expect(found.faults.map(\.kind) == [.empty, .truncated])
    #expect(found.faults[1].message.contains("no entry 3"))
  }

  /// A document names entries of several logs; those of this log's owner count.
  @Test func documentMustNameEntriesOfThisLog() async throws {
    let test = try TestLog()
    try await test.write(3, sealing: nil)
    let entries = try test.entries()
    func faults(_ anchors: @escaping @Sendable (Party) -> [AuditAnchor], owner: Party? = nil) throws
      -> [AuditFault]
    {
      try AuditVerifier(
        owner: owner, documents: [AnchorDocument(name: "fedavg.manifest.json", anchors: anchors)]
      ).verify(test.file).faults
    }
    let du = Party(role: .site, name: "DU")
    #expect(try faults { $0 == du ? [entries[1].anchor] : [] } == [])
    let strange = AuditAnchor(sequence: 2, hash: String(repeating: "a", count: 64))
    #expect(try faults { $0 == du ? [strange] : [] }.map(\.kind) == [.wrongAnchor])
    let missing = try faults { $0 == du ? [] : [strange] }
    #expect(missing.map(\.kind) == [.unanchored])
    #expect(
      missing.first?.message.hasPrefix("'fedavg.manifest.json' names no entry of the log of site/DU") == true)
    try test.put("")
    #expect(try faults({ _ in [entries[1].anchor] }, owner: du).map(\.kind) == [.empty, .truncated])
    #expect(try faults { _ in [entries[1].anchor] }.map(\.kind) == [.empty, .unanchored])
  }

  @Test func faultsOfAFileThatIsNotALogAreLimited() throws {
    let test = try TestLog()
    try test.put(String(repeating: "\n", count: 3000))
    let found = try test.verify()
    #expect(found.faults.count == AuditVerifier.mostFaults)
    #expect(found.faultCount == 3000)
  }

  @Test func authorityRequiresSealsAndTheExpectedOwner() async throws {
    let test = try TestLog()
    try await test.write(1, sealing: nil)
    let unsealed = try AuditVerifier(authority: test.authority.authority).verify(test.file)
    #expect(unsealed.faults.map(\.kind) == [.unsealed])
    let other = try AuditVerifier(owner: Party(role: .site, name: "HT")).verify(test.file)
    #expect(other.faults.map(\.message) == ["this is the log of site/DU; expected that of site/HT"])
  }

  @Test func clockThatWentBackIsOnlyANote() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    try await log.append(test.record(1), at: now - 3600)
    let found = try test.verify()
    #expect(found.isWhole)
    #expect(found.notes.contains { $0.hasPrefix("the owner's clock went back once") })
  }

  @Test(arguments: [
    ("7:" + String(repeating: "0aF", count: 21) + "0", true),
    ("7:" + String(repeating: "a", count: 63), false),
    ("0:" + String(repeating: "a", count: 64), false), (String(repeating: "a", count: 64), false),
    ("x:y", false),
  ])
  func anchorsAreParsedFromText(text: String, isAnchor: Bool) {
    let anchor = AuditAnchor(text)
    #expect((anchor != nil) == isAnchor)
    if let anchor { #expect(anchor.description == text.lowercased()) }
  }
}
