import FederatedCore
import Testing

@testable import Credentials

@Suite struct NameTests {
  @Test(arguments: ["DU", "vidir_modern", "site-1", "a", "9.b", String(repeating: "x", count: 64)])
  func acceptsPlainNames(name: String) throws {
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

  @Test(arguments: [
    "lead", "Anna Müller", "Seán O'Neill", "Siân O\u{2019}Brien-Jones", "Dr. José Núñez y Pérez, M.D.",
    "Łukasz Żółć",
    "Ingrid Þórsdóttir", "李小龙", "नरेन्द्र", "מרים כהן", "Νίκος", "9.b", "Jean-Luc",
    String(repeating: "ä", count: 64),
  ])
  func peopleHavePeoplesNames(name: String) throws {
    for role in Role.allCases where role.isPerson {
      let party = try Party(role, checking: name)
      #expect(party.name == name)
      #expect(try Party(parsing: party.description) == party)
      let certified = CertifiedName(consortium: "Nord", party: party)
      #expect(certified.urn.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
      #expect(try CertifiedName(urn: certified.urn) == certified)
    }
    #expect(throws: ConsiliumError.self) { try Party(.site, checking: name + "é") }
    #expect(throws: ConsiliumError.self) { try Party(.coordinator, checking: name + " x") }
  }

  /// The second form is typed on systems that decompose letters.
  @Test func composedAndDecomposedNamesAreEqual() throws {
    let (composed, decomposed) = ("M\u{FC}ller", "Mu\u{308}ller")
    let party = try Party(.lead, checking: decomposed)
    #expect(Array(party.name.unicodeScalars) == Array(composed.unicodeScalars))
    #expect(throws: ConsiliumError.self) { try Party.check(name: decomposed, of: .lead) }
    #expect(throws: ConsiliumError.self) { try CertifiedName(urn: "urn:consilium:test:lead:Mu%CC%88ller") }
  }

  @Test(arguments: [
    "", " ", " Anna", "Anna ", "Anna  Müller", "'Anna", "-rf", "../x", "a/b", "a\\b", "Anna\tM", "Anna\nM",
    "D\u{0}U", "Anna\u{A0}M",
    "Anna\u{202E}M", "Anna\u{2066}M", "An\u{200B}na", "An\u{200D}na", "An\u{AD}na", "An\u{FEFF}na",
    "\u{3164}", "An\u{FE0F}na",
    "An\u{E000}na", "<b>Anna</b>", "Anna & Co", "=Anna", "\"Anna\"", "Anna;rm", "$(id)", "Anna:lead", "ﬁona",
    "Ａnna", "𝐀nna", "Anna😀",
    String(repeating: "ä", count: 65),
  ])
  func aNameThatHidesOrBreaksTextIsRefused(name: String) {
    let error = #expect(throws: ConsiliumError.self) { try Party(.observer, checking: name) }
    #expect(error?.code == .invalidInput)
    #expect(
      error?.message.contains("cannot be a person's name: expected 1 to 64 letters of any language") == true)
    let hidden: [Unicode.Scalar] = ["\n", "\t", "\u{0}", "\u{202E}", "\u{2066}", "\u{200B}", "\u{FEFF}"]
    #expect(error?.message.unicodeScalars.contains { hidden.contains($0) } == false)
  }

  @Test(arguments: ["DU", "nurse/DU", "/DU", "site", "Site/DU"]) func rejectsPartyWithoutAKnownRole(
    text: String
  ) {
    let error = #expect(throws: ConsiliumError.self) { try Party(parsing: text) }
    #expect(
      error?.message.contains("ROLE/NAME, with the role one of coordinator, lead, operator, site") == true)
  }

  @Test func urnIsPercentEncodedAndParsesBack() throws {
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

  @Test func fingerprintComparisonIgnoresGrouping() {
    let digest = Fingerprint.of([UInt8]("abc".utf8))
    #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Fingerprint.grouped(digest).hasPrefix("ba78 16bf 8f01 "))
    #expect(Fingerprint.areEqual(digest, Fingerprint.grouped(digest).uppercased()))
    #expect(!Fingerprint.areEqual(digest, String(digest.dropLast())))
  }
}
