import Credentials
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Provisioning

@Suite struct RevokingTests {
  private func reopen(_ place: Place) throws -> AuthorityFolder { try AuthorityFolder(place.authority.url) }

  @Test func revokesByNameSerialOrParty() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let (du, ht) = (try place.join(.site, "DU"), try place.join(.site, "HT"))
      let cs = try place.join(.site, "CS")
      #expect(try place.authority.revoke("DU", reason: .left, now: noon).list.version == 2)
      #expect(
        try place.authority.revoke(ht.certificate.serial.uppercased(), reason: .left, now: noon).list.version
          == 3)
      let (list, revoked) = try place.authority.revoke("site/CS", reason: .compromised, now: noon.days(1))
      #expect(list.version == 4)
      #expect(
        revoked == [
          .init(serial: cs.certificate.serial, party: cs.party, date: noon.days(1), reason: .compromised)
        ])
      let known = try reopen(place).authority
      #expect(known.revocations == list)
      for identity in [du, ht, cs] { #expect(known.isRevoked(identity.certificate)) }
    }
  }

  @Test func allOfAPartysCertificatesAreRevoked() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      let request = try place.member("DU").renew()
      var terms = AuthorityFolder.Terms()
      terms.replacesKey = true
      _ = try place.authority.issue(request, terms, now: noon)
      #expect(try place.authority.revoke("DU", reason: .left, now: noon).revoked.count == 2)
    }
  }

  @Test func rejectsUnknownOrAmbiguousTargets() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      let lead = try IdentityFolder(folder.appending(path: "lead")).enrol(Party(role: .lead, name: "DU"))
      _ = try place.authority.issue(lead, now: noon)
      func refusal(_ target: String) throws -> String {
        try #require(
          #expect(throws: ConsiliumError.self) {
            try place.authority.revoke(target, reason: .left, now: noon)
          }
        ).message
      }
      #expect(try refusal("DU") == "'DU' could mean lead/DU or site/DU; name one of them")
      #expect(try refusal("HT").contains("no certificate with this holder or serial was issued: 'HT'"))
      #expect(try refusal("").contains("no certificate with this holder or serial was issued: ''"))
      _ = try place.authority.revoke("site/DU", reason: .left, now: noon)
      #expect(try refusal("site/DU") == "'site/DU' is already revoked")
      #expect(try reopen(place).authority.revocations?.version == 2)
    }
  }

  @Test func departedPartyCanBeMarkedCompromised() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      _ = try place.authority.revoke("DU", reason: .left, now: noon)
      let list = try place.authority.revoke("DU", reason: .compromised, now: noon.days(2)).list
      #expect(list.entries.map(\.reason) == [.compromised])
      #expect(list.entries.map(\.date) == [noon])
    }
  }

  @Test func compromisedKeyRevokesAllItsCertificates() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let request = try place.member("DU").enrol(Party(role: .site, name: "DU"))
      let serials = try (0..<3).map { _ in try place.authority.issue(request, now: noon).serial }
      try place.join(.site, "HT")
      // Revoking one certificate of a departed party leaves its other certificates valid.
      #expect(try place.authority.revoke(serials[0], reason: .left, now: noon).revoked.count == 1)
      let (list, revoked) = try place.authority.revoke(serials[1], reason: .compromised, now: noon.days(1))
      #expect(revoked.map(\.serial) == serials)
      #expect(list.entries.map(\.reason) == [.compromised, .compromised, .compromised])
    }
  }

  @Test func editedRevocationListIsRejected() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      _ = try place.authority.revoke("DU", reason: .left, now: noon)
      let file = place.authority.files.revocations
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing("left", with: "replaced").utf8).write(to: file)
      #expect(throws: ConsiliumError.self) { try reopen(place) }
      #expect(throws: ConsiliumError.self) {
        try place.authority.revoke("DU", reason: .compromised, now: noon)
      }
    }
  }

  @Test func listShowsTheStateOfEachCertificate() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      for name in ["HT", "DU", "CS"] { try place.join(.site, name) }
      _ = try place.authority.revoke("CS", reason: .left, now: noon)
      let rows = try reopen(place).list(now: noon.days(75.5))
      #expect(rows.map(\.party.name) == ["CS", "DU", "HT"])
      #expect(rows.map(\.state) == [.revoked, .valid, .valid])
      #expect(rows[0].revocation?.reason == .left)
      #expect(try reopen(place).list(now: noon.days(76.5)).map(\.state) == [.revoked, .expiring, .expiring])
      #expect(try reopen(place).list(now: noon.days(90.5)).map(\.state) == [.revoked, .expired, .expired])
    }
  }
}
