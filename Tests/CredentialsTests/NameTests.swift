import FederatedCore
import Testing

@testable import Credentials

@Suite struct NameTests {
  @Test(arguments: ["DU", "vidir_modern", "site-1", "a", "9.b", String(repeating: "x", count: 64)])
  func aPlainNameIsTaken(name: String) throws {
    #expect(try Party(.site, checking: name).name == name)
    #expect(try Party(parsing: "site/\(name)") == Party(role: .site, name: name))
  }

  @Test(arguments: [
    "", ".", "..", "../DU", "DU/HT", "a\\b", "DU ", " DU", "-rf", "a.", ".a", "D\u{0}U", "D\nU", "Köln",
    "DU\u{202E}",
    String(repeating: "x", count: 65), "٣",
  ])
  func aNameThatCouldBeMistakenIsRefused(name: String) {
    let error = #expect(throws: ConsiliumError.self) { try Party(.site, checking: name) }
    #expect(error?.code == .invalidInput)
    #expect(error?.message.contains("cannot be a party's name: expected 1 to 64 letters") == true)
    #expect(error?.message.contains { $0.isNewline || $0 == "\u{0}" || $0 == "\u{202E}" } == false)
  }

  @Test(arguments: ["DU", "nurse/DU", "/DU", "site", "Site/DU"]) func aPartyNamesItsRole(text: String) {
    let error = #expect(throws: ConsiliumError.self) { try Party(parsing: text) }
    #expect(
      error?.message.contains("ROLE/NAME, with the role one of coordinator, lead, operator, site") == true)
  }

  @Test func theURNIsPercentEncodedAndReadBack() throws {
    let name = CertifiedName(consortium: "Glioma North 2.0", party: Party(role: .site, name: "vidir_modern"))
    #expect(name.urn == "urn:consilium:Glioma%20North%202.0:site:vidir_modern")
    #expect(try CertifiedName(urn: name.urn) == name)
  }

  @Test(arguments: [
    "urn:consilium:test:site", "urn:consilium:test:site:DU:HT", "urn:other:test:site:DU",
    "urn:consilium:test:king:DU", "urn:consilium:test:site:..%2F..%2Fetc", "urn:consilium:test:site:%44U",
    "urn:consilium:te%00st:site:DU", "urn:consilium:test:site:", "urn:consilium:test:site:%ZZ",
    "urn:consilium",
  ])
  func aURNWrittenOtherwiseIsRefused(urn: String) {
    #expect(throws: ConsiliumError.self) { try CertifiedName(urn: urn) }
  }

  @Test func addressesAreHostNamesOrIPAddresses() throws {
    #expect(try ServerAddress(dns: "Hub.Example.ORG").description == "hub.example.org")
    #expect(try ServerAddress(ip: "2001:DB8:0:0::7").description == "2001:db8::7")
    #expect(try ServerAddress(ip: "192.0.2.7").description == "192.0.2.7")
    for name in ["", "a..b", "-a.org", "a_b.org", "*.example.org", "192.0.2.7", "a b", "https://a.org"] {
      #expect(throws: ConsiliumError.self, "\(name)") { try ServerAddress(dns: name) }
    }
    for text in ["", "hub", "300.1.1.1", "192.0.2.7/24", "192.0.2"] {
      #expect(throws: ConsiliumError.self, "\(text)") { try ServerAddress(ip: text) }
    }
  }

  @Test func fingerprintsAreComparedHoweverGrouped() {
    let digest = Fingerprint.of([UInt8]("abc".utf8))
    #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Fingerprint.grouped(digest).hasPrefix("ba78 16bf 8f01 "))
    #expect(Fingerprint.areEqual(digest, Fingerprint.grouped(digest).uppercased()))
    #expect(!Fingerprint.areEqual(digest, String(digest.dropLast())))
  }
}
