import Credentials
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct ProvisionCommandTests {
  /// Runs `body` in a temporary folder that contains an authority.
  private func withAuthority(_ body: (URL) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let printed = await consilium(
        "provision", "init", "--consortium", "Glioma North", "--out", folder.appending(path: "authority").path
      )
      #expect(printed.status == 0, "\(printed.err)")
      #expect(printed.out.contains("is the authority of 'Glioma North' until"))
      try await body(folder)
    }
  }

  private func object(_ line: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func memberJoinsRenewsAndIsRevoked() async throws {
    try await withAuthority { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      let enrolled = await consilium(
        "provision", "enrol", "--role", "site", "--name", "DU", "--out", path("DU"), "--json")
      let fingerprint = try #require(try object(enrolled.out)["fingerprint"] as? String)
      let issued = await consilium(
        "provision", "issue", path("DU/request.csr"), "--authority", path("authority"), "--out",
        path("DU.crt"),
        "--fingerprint", fingerprint)
      #expect(issued.status == 0, "\(issued.err)")
      #expect(issued.out.hasPrefix("site/DU requests a certificate as site 'DU'\n"))
      #expect(issued.out.contains(Fingerprint.grouped(fingerprint)))
      #expect(FileManager.default.fileExists(atPath: path("authority.crt")))
      let installed = await consilium(
        "provision", "install", path("DU.crt"), "--to", path("DU"), "--authority", path("authority.crt"))
      #expect(installed.status == 0, "\(installed.err)")
      #expect(installed.out.contains("is site/DU of 'Glioma North' until"))
      #expect(installed.out.contains("(compare it by telephone)"))
      let first = try Identity.load(from: folder.appending(path: "DU"))

      let renewal = await consilium("provision", "renew", path("DU"))
      #expect(renewal.out.contains("send \(path("DU/request.csr")) to the authority"))
      let refused = await consilium(
        "provision", "issue", path("DU/request.csr"), "--authority", path("authority"), "--out",
        path("DU.crt"))
      #expect(refused.status == 2)
      #expect(refused.err.contains("add --replace"))
      let again = await consilium(
        "provision", "issue", path("DU/request.csr"), "--authority", path("authority"), "--out",
        path("DU.crt"),
        "--replace", "--days", "10")
      #expect(again.status == 0, "\(again.err)")
      #expect(await consilium("provision", "install", path("DU.crt"), "--to", path("DU")).status == 0)
      let second = try Identity.load(from: folder.appending(path: "DU"))
      #expect(second.privateKeyPEM != first.privateKeyPEM)

      let revoked = await consilium(
        "provision", "revoke", first.certificate.serial, "--authority", path("authority"), "--reason",
        "replaced")
      #expect(
        revoked.out.hasPrefix(
          "revoked \(first.certificate.serial) of site/DU (replaced)\nversion 2 of the list"))
      let list = await consilium("provision", "list", "--authority", path("authority"))
      let lines = list.out.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines[1].contains(first.certificate.serial))
      #expect(lines[1].hasSuffix("(replaced)"))
      #expect(lines[2].hasSuffix("valid, expires within 14 days"))
      let json = await consilium("provision", "list", "--authority", path("authority"), "--json")
      let states = try json.out.split(separator: "\n").map { try object($0)["state"] as? String }
      #expect(states == ["revoked", "expiring"])
    }
  }

  @Test func coordinatorNeedsAddresses() async throws {
    try await withAuthority { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      _ = await consilium(
        "provision", "enrol", "--role", "coordinator", "--name", "hub", "--out", path("hub"))
      let arguments = ["provision", "issue", path("hub/request.csr"), "--authority", path("authority")]
      let without = await consilium(arguments + ["--out", path("hub.crt")])
      #expect(without.status == 2)
      #expect(without.err.contains("give --dns"))
      let issued = await consilium(
        arguments + ["--out", path("hub.crt"), "--dns", "hub.example.org", "--ip", "192.0.2.7", "--json"])
      let addresses = try object(issued.out)["addresses"] as? [String]
      #expect(addresses == ["hub.example.org", "192.0.2.7"])
    }
  }

  @Test func doesNotIssueWhatCannotBeWritten() async throws {
    try await withAuthority { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      _ = await consilium("provision", "enrol", "--role", "site", "--name", "DU", "--out", path("DU"))
      let arguments = ["provision", "issue", path("DU/request.csr"), "--authority", path("authority")]
      let nowhere = await consilium(arguments + ["--out", path("nowhere/DU.crt")])
      #expect(nowhere.err.contains("there is no folder '"))
      #expect(await consilium(arguments + ["--out", path("authority.crt")]).status == 2)
      _ = await consilium("provision", "init", "--consortium", "other", "--out", path("other"))
      let other = await consilium(arguments + ["--out", path("other/DU.crt")])
      #expect(other.err.contains("belongs to another authority; choose another folder for --out"))
      let list = await consilium("provision", "list", "--authority", path("authority"))
      #expect(list.out == "no certificate has been issued yet\n")
    }
  }

  @Test func namesWrongArguments() async throws {
    let role = await consilium("provision", "enrol", "--role", "king", "--name", "DU", "--out", "nowhere")
    #expect(role.status == 2)
    #expect(role.err.contains("king"))
    let name = await consilium("provision", "enrol", "--role", "site", "--name", "../DU", "--out", "nowhere")
    #expect(name.status == 2)
    #expect(name.err.contains("'../DU' cannot be a party's name"))
    #expect(!FileManager.default.fileExists(atPath: "nowhere"))
    let json = await consilium("provision", "list", "--authority", "nowhere", "--json")
    let code = try object(json.err.trimmingCharacters(in: .newlines))["code"] as? String
    #expect(code == "invalidInput")
  }
}
