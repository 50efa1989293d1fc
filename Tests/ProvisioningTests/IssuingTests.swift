import Credentials
import Crypto
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Provisioning

@Suite struct IssuingTests {
  private let party = Party(role: .site, name: "DU")

  private func request(
    _ party: Party? = nil, consortium: String? = nil, key: P256.Signing.PrivateKey = .init()
  ) throws -> CertificateRequest {
    try CertificateRequest(party: party ?? self.party, consortium: consortium, key: key)
  }

  private func refusal(
    _ place: Place, _ request: CertificateRequest, _ terms: AuthorityFolder.Terms = .init()
  ) throws -> String {
    let registered = try place.authority.register()
    let error = try #require(
      #expect(throws: ConsiliumError.self) { try place.authority.issue(request, terms, now: noon) })
    #expect(error.code == .invalidInput)
    #expect(try place.authority.register() == registered)
    return error.message
  }

  @Test func certificateIsValidForNinetyDays() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let certificate = try place.authority.issue(request(consortium: "test"), now: noon)
      #expect(certificate.party == party)
      #expect(certificate.notAfter == noon.days(90))
      #expect(certificate.notBefore == noon.days(-1))
      let authority = place.authority.authority
      #expect(throws: Never.self) { try authority.check(certificate, at: noon.days(-0.9), roles: [.site]) }
      #expect(throws: Never.self) { try authority.check(certificate, at: noon.days(89), roles: [.site]) }
      #expect(throws: ConsiliumError.self) { try authority.check(certificate, at: noon.days(91)) }
      let entries = try place.authority.register().entries
      #expect(entries.map(\.serial) == [certificate.serial])
      #expect(try PeerCertificate(pem: entries[0].certificate) == certificate)
    }
  }

  @Test func rejectsRequestWithAnotherFingerprint() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let (mine, exchanged) = (try request(), try request())
      var terms = AuthorityFolder.Terms()
      terms.fingerprint = Fingerprint.grouped(mine.fingerprint).uppercased()
      #expect(try refusal(place, exchanged, terms).contains("not the one that was read out"))
      #expect(try place.authority.issue(mine, terms, now: noon).party == party)
      terms.fingerprint = String(mine.fingerprint.prefix(32))
      #expect(try refusal(place, mine, terms).contains("not the one that was read out"))
    }
  }

  @Test func anotherConsortiumsRequestIsRefused() throws {
    try withTemporaryFolder { folder in
      let message = try refusal(Place(folder), request(consortium: "elsewhere"))
      #expect(
        message == "site/DU asks for a certificate of 'elsewhere'; this is the authority of 'test'")
    }
  }

  @Test func secondKeyForANameNeedsReplace() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let key = P256.Signing.PrivateKey()
      let first = try place.authority.issue(request(key: key), now: noon)
      #expect(try place.authority.issue(request(key: key), now: noon).serial != first.serial)
      let message = try refusal(place, request())
      #expect(message.contains("site/DU already has the certificate"))
      #expect(message.contains("for another key, until 2027-04-15T08:00:00Z"))
      #expect(message.contains("add --replace"))
      var terms = AuthorityFolder.Terms()
      terms.replacesKey = true
      #expect(try place.authority.issue(request(), terms, now: noon).party == party)
      // The same name in a different role belongs to a different party.
      #expect(
        try place.authority.issue(request(Party(role: .lead, name: "DU")), now: noon).party.role == .lead)
    }
  }

  @Test func rejectsCompromisedKeyForever() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let key = P256.Signing.PrivateKey()
      _ = try place.authority.issue(request(key: key), now: noon)
      _ = try place.authority.revoke("DU", reason: .compromised, now: noon)
      var terms = AuthorityFolder.Terms()
      terms.replacesKey = true
      let error = #expect(throws: ConsiliumError.self) {
        try AuthorityFolder(place.authority.url).issue(request(key: key), terms, now: noon)
      }
      #expect(error?.message.contains("the key in this request was revoked as compromised") == true)
    }
  }

  @Test(arguments: [0, -1, 399, Int.max]) func rejectsLifetimesOutside1To398Days(days: Int) throws {
    try withTemporaryFolder { folder in
      var terms = AuthorityFolder.Terms()
      terms.days = days
      let message = try refusal(Place(folder), request(), terms)
      #expect(message.contains("cannot last \(days) days; expected 1 to 398"))
    }
  }

  @Test func noCertificateOutlivesTheAuthority() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      #expect(throws: ConsiliumError.self) { try place.authority.issue(request(), now: noon.days(3600)) }
    }
  }

  @Test func onlyACoordinatorHasAddresses() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let hub = Party(role: .coordinator, name: "hub")
      #expect(try refusal(place, request(hub)).contains("give --dns coordinator.example.org or --ip"))
      var terms = AuthorityFolder.Terms()
      terms.addresses = [try ServerAddress(dns: "hub.example.org"), try ServerAddress(ip: "192.0.2.7")]
      #expect(
        try refusal(place, request(), terms).contains(
          "only the certificate of a coordinator or an anchor has addresses"))
      let key = P256.Signing.PrivateKey()
      let first = try place.authority.issue(request(hub, key: key), terms, now: noon)
      #expect(first.addresses == terms.addresses)
      // A renewal keeps the addresses.
      #expect(try place.authority.issue(request(hub, key: key), now: noon).addresses == terms.addresses)
    }
  }

  @Test func concurrentIssuesAreBothRegistered() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "consilium-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = try Place(folder)
    let serials = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<16 {
        group.addTask {
          let request = try CertificateRequest(
            party: Party(role: .site, name: "s\(index)"), consortium: nil, key: .init())
          return try AuthorityFolder(place.authority.url).issue(request, now: noon).serial
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(serials.count == 16)
    #expect(Set(try place.authority.register().entries.map(\.serial)) == serials)
  }

  @Test func interruptedWriteLeavesTheRegisterIntact() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let first = try place.authority.issue(request(), now: noon)
      // The state after a process was killed while writing.
      try Data("{\"consortium\": \"te".utf8).write(
        to: place.authority.url.appending(path: ".register.json.1-1.part"))
      #expect(
        try place.authority.issue(request(Party(role: .site, name: "HT")), now: noon).party.name == "HT")
      #expect(try place.authority.register().entries.first?.serial == first.serial)
    }
  }

  @Test func aDamagedRegisterStopsTheAuthority() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try Data("{\"consortium\": \"te".utf8).write(to: place.authority.files.register)
      let error = #expect(throws: ConsiliumError.self) { try place.authority.issue(request(), now: noon) }
      #expect(error?.message.contains("is damaged; restore it from a backup") == true)
    }
  }
}
