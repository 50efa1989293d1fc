import CredentialsTesting
import FederatedCore
import Foundation
import Testing

@testable import Credentials

@Suite struct AuthorityTests {
  private func refusal(
    _ certificate: PeerCertificate, by authority: Authority, at date: Date = Date(),
    roles: Set<Role> = Set(Role.allCases)
  ) throws -> ConsiliumError {
    try #require(
      #expect(throws: ConsiliumError.self) { try authority.check(certificate, at: date, roles: roles) })
  }

  @Test(arguments: Role.allCases) func parsesEveryRole(role: Role) throws {
    let authority = try TestAuthority(consortium: "Glioma North-West 2.0")
    let certificate = try authority.identity(role, "vidir_modern.1").certificate
    #expect(certificate.party == Party(role: role, name: "vidir_modern.1"))
    #expect(certificate.consortium == "Glioma North-West 2.0")
    #expect(throws: Never.self) { try authority.authority.check(certificate, at: Date(), roles: [role]) }
  }

  @Test func certificateSurvivesEncoding() throws {
    let authority = try TestAuthority()
    let certificate = try authority.identity(.coordinator, "hub").certificate
    let copy = try PeerCertificate(derEncoded: certificate.derEncoded)
    #expect(copy == certificate)
    #expect(copy.fingerprint == certificate.fingerprint)
    #expect(copy.serial.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    #expect(copy.addresses.map(\.description) == ["localhost", "127.0.0.1", "::1"])
    #expect(throws: Never.self) { try authority.authority.check(copy, at: Date()) }
  }

  @Test func rejectsAnotherAuthorityOfTheSameName() throws {
    let authority = try TestAuthority()
    let forged = try authority.impostor().identity(.site, "DU").certificate
    let error = try refusal(forged, by: authority.authority)
    #expect(error.code == .invalidInput)
    #expect(error.message.contains("the certificate of site/DU was not issued by the authority of 'test'"))
    let stranger = try TestAuthority(consortium: "elsewhere").identity(.site, "DU").certificate
    #expect(try refusal(stranger, by: authority.authority).message.contains("was not issued by"))
  }

  @Test func rejectsCertificateIssuedByAParty() throws {
    let authority = try TestAuthority()
    let site = try authority.identity(.site, "DU")
    let template = CertificateTemplate(
      subject: try CertificateProfile.subject(name: "HT", consortium: "test"),
      issuer: site.certificate.certificate.subject, notBefore: Date(),
      notAfter: Date(timeIntervalSinceNow: 60),
      extensions: try CertificateProfile.party(
        CertifiedName(consortium: "test", party: Party(role: .lead, name: "HT")), [],
        key: site.privateKey.publicKey, authority: site.privateKey.publicKey))
    let forged = try PeerCertificate(template.signed(for: site.privateKey.publicKey, by: site.privateKey))
    #expect(try refusal(forged, by: authority.authority).message.contains("was not issued by"))
  }

  @Test func acceptsCertificateOnlyBetweenItsDates() throws {
    let authority = try TestAuthority()
    let expired = try authority.expired(.site, "DU").certificate
    let late = try refusal(expired, by: authority.authority)
    #expect(late.code == .unavailable)
    #expect(late.message.contains("the certificate of site/DU expired on \(Moment.text(expired.notAfter))"))
    #expect(late.message.contains("consilium provision renew"))
    let early = try refusal(authority.notYetValid(.site, "DU").certificate, by: authority.authority)
    #expect(early.code == .unavailable)
    #expect(early.message.contains("is not valid before"))
    #expect(early.message.contains("is the clock right?"))
    #expect(throws: Never.self) {
      try authority.authority.check(expired, at: expired.notAfter.addingTimeInterval(-1))
    }
  }

  @Test func rejectsCertificateOutlivingTheAuthority() throws {
    let old = try TestAuthority(
      notBefore: Date(timeIntervalSinceNow: -7200), notAfter: Date(timeIntervalSinceNow: -60))
    let error = #expect(throws: ConsiliumError.self) { try old.identity(.site, "DU") }
    #expect(error?.message.contains("outlive the authority") == true)
  }

  @Test func rejectsWrongRole() throws {
    let authority = try TestAuthority()
    let observer = try authority.identity(.observer, "anna").certificate
    let error = try refusal(observer, by: authority.authority, roles: [.lead, .operator])
    #expect(
      error.message == "the certificate of observer/anna has the role observer; expected lead or operator")
  }

  @Test func rejectsRevokedCertificate() throws {
    let authority = try TestAuthority()
    let identity = try authority.identity(.site, "DU")
    let other = try authority.identity(.site, "HT").certificate
    let informed = try authority.authority.updated(with: try authority.revoking([identity], reason: .left))
    let error = try refusal(identity.certificate, by: informed)
    #expect(error.message.contains("of site/DU was revoked on"))
    #expect(error.message.contains("(left)"))
    #expect(informed.isRevoked(identity.certificate))
    #expect(!informed.isRevoked(other))
    #expect(throws: Never.self) { try informed.check(other, at: Date()) }
  }

  @Test func theNewAuthorityOfAnOldFolderIsItsOwn() throws {
    let authority = try TestAuthority()
    #expect(try Authority(pem: authority.authority.pem) == authority.authority)
    let error = #expect(throws: ConsiliumError.self) {
      try Authority(pem: try authority.identity(.site, "DU").certificatePEM)
    }
    #expect(error?.message.contains("this is not the certificate of a consortium's authority") == true)
    #expect(throws: ConsiliumError.self) { try Authority(pem: "no certificate") }
    #expect(throws: ConsiliumError.self) { try Authority(pem: "") }
  }

  @Test func extremeDatesDoNotTrap() throws {
    let authority = try TestAuthority()
    let certificate = try authority.identity(.site, "DU").certificate
    for date in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: .infinity)] {
      #expect(try refusal(certificate, by: authority.authority, at: date).code == .unavailable)
    }
  }
}
