import AuditLog
import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct AuditCommandTests {
  private static let time = Date(timeIntervalSince1970: 1_800_000_000)

  /// A log of five entries, two of them seals, and the authority's certificate next to it.
  private func withLog(_ body: (_ folder: URL, _ head: String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let time = Self.time
      let tests = try TestAuthority(notBefore: time - 86_400, notAfter: time + 1000 * 86_400)
      let owner = try tests.identity(.site, "DU", notBefore: time - 3600, notAfter: time + 86_400)
      try tests.authority.pem.write(
        to: folder.appending(path: "authority.crt"), atomically: true, encoding: .utf8)
      let log = try AuditLog(
        file: folder.appending(path: "audit.log"), owner: owner.party,
        sealing: Sealing { (data, time) throws(ConsiliumError) in try owner.sign(data, at: time) }, at: time)
      let subject = AuditSubject(study: "lgg", arm: "fedavg", round: 1, site: SiteID("DU"))
      try await log.append(
        AuditRecord(.updateReleased, by: owner.party, of: subject, details: ["bytes": "12"]), at: time + 60)
      try await log.append(
        AuditRecord(
          .connectionRefused, by: owner.party, details: ["reason": "=cmd, \"quoted\"\u{1B}[2J"]),
        at: time + 86_400)
      try await log.seal(at: time + 100)
      try await body(folder, log.head.description)
    }
  }

  @Test func showsALog() async throws {
    try await withLog { folder, _ in
      let shown = await consilium("audit", "show", folder.path)
      #expect(shown.status == 0)
      let lines = shown.out.split(separator: "\n")
      #expect(lines.count == 5)
      #expect(
        lines[2] == "3  2027-01-15T08:01:00Z  site/DU  update-released  lgg fedavg round 1 site DU  bytes=12")
      #expect(!shown.out.contains("\u{1B}"))
      let chosen = await consilium("audit", "show", folder.path, "--study", "lgg", "--json")
      #expect(chosen.out.hasPrefix(#"{"entry":{"action":"update-released","#))
      #expect(chosen.out.split(separator: "\n").count == 1)
      for since in ["2027-01-16", "2027-01-15T12:00:00Z"] {
        let late = await consilium("audit", "show", folder.path, "--since", since)
        #expect(late.out.split(separator: "\n").count == 1, "\(since)")
      }
      #expect(await consilium("audit", "show", folder.path, "--since", "yesterday").status == 2)
    }
  }

  @Test func verifiesAWholeLog() async throws {
    try await withLog { folder, head in
      let file = folder.appending(path: "audit.log").path
      let authority = folder.appending(path: "authority.crt").path
      let found = await consilium("audit", "verify", file, "--authority", authority, "--anchor", head)
      #expect(found.status == 0)
      #expect(await consilium("audit", "verify", file, "--owner", "site/DU").status == 0)
      #expect(await consilium("audit", "verify", file, "--owner", "site/HT").status == 2)
      #expect(found.out.hasPrefix("\(file): whole, 5 entries\n  owner    site/DU\n"))
      #expect(found.out.contains("  last     \(head)\n"))
      #expect(found.out.contains("  sealed   through entry 4\n"))
      let json = await consilium("audit", "verify", folder.path, "--json")
      #expect(json.status == 0)
      #expect(json.out.contains(#""isWhole":true"#))
      #expect(json.out.contains("give its authority"))
    }
  }

  @Test func rejectsABrokenLog() async throws {
    try await withLog { folder, head in
      let file = folder.appending(path: "audit.log")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing("\"12\"", with: "\"13\"").write(to: file, atomically: true, encoding: .utf8)
      let found = await consilium("audit", "verify", file.path)
      #expect(found.status == 2)
      #expect(found.out.contains("\(file.path): line 3: changed: entry 3 was changed"))
      #expect(found.err == "error: '\(file.path)' is not whole: 1 fault\n")
      let json = await consilium("audit", "verify", file.path, "--json")
      #expect(json.out.hasPrefix(#"{"event":"fault","kind":"changed","line":3,"#))
      #expect((await consilium("audit", "show", file.path)).err.contains("1 line is damaged or changed"))

      try text.split(separator: "\n").prefix(3).map { $0 + "\n" }.joined()
        .write(to: file, atomically: true, encoding: .utf8)
      #expect(await consilium("audit", "verify", file.path).status == 0)
      let cut = await consilium("audit", "verify", file.path, "--anchor", head)
      #expect(cut.status == 2)
      #expect(cut.out.contains("truncated: the log has no entry 5"))
    }
  }

  @Test func wrongAuthorityRejectsTheSeals() async throws {
    try await withLog { folder, _ in
      let other = folder.appending(path: "other.crt")
      try TestAuthority().authority.pem.write(to: other, atomically: true, encoding: .utf8)
      let found = await consilium("audit", "verify", folder.path, "--authority", other.path)
      #expect(found.status == 2)
      #expect(found.out.contains("wrong-seal"))
    }
  }

  @Test func exportsALog() async throws {
    try await withLog { folder, _ in
      let table = folder.appending(path: "log.csv")
      let exported = await consilium("audit", "export", folder.path, "--out", table.path)
      #expect(exported.out == "\(table.path): 5 entries\n")
      let rows = try String(contentsOf: table, encoding: .utf8).components(separatedBy: "\r\n")
      #expect(rows.count == 7)
      #expect(rows[3].hasPrefix("3,2027-01-15T08:01:00Z,site/DU,update-released,lgg,,fedavg,1,DU,bytes=12,"))
      #expect(rows[4].contains(#","reason==cmd, ""quoted"""#))

      let array = folder.appending(path: "log.json")
      _ = await consilium("audit", "export", folder.path, "--out", array.path, "--study", "lgg")
      let entries = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: array)) as? [[String: Any]])
      #expect(entries.count == 1)
      #expect((entries[0]["entry"] as? [String: Any])?["sequence"] as? Int == 3)
      #expect(await consilium("audit", "export", folder.path, "--out", "log.xml").status == 2)
      #expect(await consilium("audit", "export", folder.path, "--out", "/nowhere/log.csv").status == 1)
    }
  }

  @Test func exportedFormulaStaysText() {
    let record = AuditRecord(.siteDropped, by: Party(role: .site, name: "DU"), of: AuditSubject(arm: "=1+1"))
    #expect(record.subject.arm.map(CSVCell.text) == "'=1+1")
  }

  @Test(arguments: ["show", "verify"]) func missingLogIsInvalidInput(command: String) async {
    let printed = await consilium("audit", command, "/nowhere/audit.log")
    #expect(printed.status == 2)
    #expect(printed.err.contains("/nowhere/audit.log"))
  }
}
