import Credentials
import Crypto
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Provisioning

@Suite struct MemberTests {
  private let du = Party(role: .site, name: "DU")

  private func refusal(_ body: () throws -> Void) throws -> String {
    try #require(#expect(throws: ConsiliumError.self, performing: body)).message
  }

  @Test func memberEnrolsAndInstalls() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let installed = try place.join(.site, "DU")
      let files = place.member("DU")
      let identity = try Identity.load(from: files.url)
      #expect(identity.party == du)
      #expect(identity.certificate == installed.certificate)
      #expect(identity.authority.fingerprint == place.authority.authority.fingerprint)
      #expect(try mode(of: files.url) == 0o700)
      #expect(try mode(of: files.key) == 0o600)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: files.url.path).sorted() == [
          "authority.crt", "identity.crt", "identity.key",
        ])
    }
  }

  @Test func pendingRequestKeepsItsFingerprint() throws {
    try withTemporaryFolder { folder in
      let files = IdentityFolder(folder.appending(path: "DU"))
      let first = try files.enrol(du)
      #expect(try files.enrol(du).fingerprint == first.fingerprint)
      #expect(try CertificateRequest(file: files.request).fingerprint == first.fingerprint)
      // A different name requests a certificate for the same key.
      let other = try files.enrol(Party(role: .site, name: "HT"))
      #expect(other.fingerprint != first.fingerprint)
      #expect(other.publicKey.rawRepresentation == first.publicKey.rawRepresentation)
    }
  }

  @Test func refusesToEnrolOverAnIdentity() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      let message = try refusal { _ = try place.member("DU").enrol(du) }
      #expect(message.contains("already holds an identity; renew it with 'consilium provision renew'"))
      #expect(throws: Never.self) { try Identity.load(from: place.member("DU").url) }
    }
  }

  @Test func rejectedNameLeavesNoFiles() throws {
    try withTemporaryFolder { folder in
      let files = IdentityFolder(folder.appending(path: "member"))
      #expect(throws: ConsiliumError.self) { try files.enrol(Party(role: .site, name: "../DU")) }
      #expect(!files.holds(files.url))
    }
  }

  @Test func aRenewalReplacesKeyAndCertificate() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let old = try place.join(.site, "DU")
      let files = place.member("DU")
      let request = try files.renew()
      #expect(request.consortium == "test")
      #expect(try files.renew().fingerprint == request.fingerprint)
      #expect(try Identity.load(from: files.url).certificate == old.certificate)
      var terms = AuthorityFolder.Terms()
      terms.replacesKey = true
      let chain = place.authority.chain(try place.authority.issue(request, terms, now: noon.days(80)))
      let new = try files.install(chain: chain, now: noon.days(80))
      #expect(new.certificate.notAfter == noon.days(170))
      #expect(new.privateKeyPEM != old.privateKeyPEM)
      #expect(try Identity.load(from: files.url).privateKeyPEM == new.privateKeyPEM)
      #expect(!files.holds(files.renewalKey))
      // Installing the same certificate again changes nothing.
      #expect(try files.install(chain: chain, now: noon.days(80)).certificate == new.certificate)
    }
  }

  @Test func nextInstallationCompletesAnInterruptedOne() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      let files = place.member("DU")
      var terms = AuthorityFolder.Terms()
      terms.replacesKey = true
      let certificate = try place.authority.issue(files.renew(), terms, now: noon)
      // Perform only the first step of an installation.
      try Data(certificate.pem.utf8).write(to: files.certificate)
      #expect(try Identity.load(from: files.url).certificate == certificate)
      _ = try files.install(chain: certificate.pem, now: noon)
      #expect(!files.holds(files.renewalKey))
      #expect(try Identity.load(from: files.url).certificate == certificate)
    }
  }

  @Test func rejectsAnotherPartysCertificate() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let files = place.member("DU")
      let request = try files.enrol(du)
      let other = try place.join(.site, "HT").certificatePEM + place.authority.authority.pem
      let key = try refusal { _ = try files.install(chain: other, now: noon) }
      #expect(key.contains("the certificate of site/HT was not made for this private key"))
      let asLead = try CertificateRequest(
        party: Party(role: .lead, name: "DU"), consortium: nil, key: PrivateKeyFile.read(files.key))
      let chain = place.authority.chain(try place.authority.issue(asLead, now: noon))
      let role = try refusal { _ = try files.install(chain: chain, now: noon) }
      #expect(role == "the certificate is for lead/DU, but the request was for site/DU")
      let mine = place.authority.chain(try place.authority.issue(request, now: noon))
      let late = try refusal { _ = try files.install(chain: mine, now: noon.days(91)) }
      #expect(late.contains("expired on"))
      #expect(!files.holds(files.certificate))
      let nowhere = try refusal { _ = try place.member("FG").install(chain: mine, now: noon) }
      #expect(nowhere.contains("holds no key"))
    }
  }

  @Test func checksAuthorityFingerprintAndKeepsTheAuthority() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let files = place.member("DU")
      let certificate = try place.authority.issue(files.enrol(du), now: noon)
      let alone = try refusal { _ = try files.install(chain: certificate.pem, now: noon) }
      #expect(alone.contains("the authority's certificate is missing; name its file with --authority"))
      let chain = place.authority.chain(certificate)
      let wrong = try refusal {
        _ = try files.install(chain: chain, fingerprint: String(repeating: "0", count: 64), now: noon)
      }
      #expect(wrong.contains("not the one that was read out; someone may have replaced it"))
      let other = try Place(folder.appending(path: "other"))
      let foreign = try refusal {
        _ = try files.install(chain: chain, authorityPEM: other.authority.authority.pem, now: noon)
      }
      #expect(foreign.contains("was not issued by the authority of 'test'"))
      #expect(!files.holds(files.authority))
      let right = Fingerprint.grouped(place.authority.authority.fingerprint)
      _ = try files.install(
        chain: certificate.pem, authorityPEM: place.authority.authority.pem, fingerprint: right, now: noon)
      let exchanged = other.authority.chain(try other.authority.issue(files.renew(), now: noon))
      let second = try refusal { _ = try files.install(chain: exchanged, now: noon) }
      #expect(second.contains("comes with a different authority from"))
    }
  }

  @Test func aRevokedCertificateIsNotInstalled() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      let files = place.member("DU")
      let identity = try Identity.load(from: files.url)
      let list = try place.authority.revoke("DU", reason: .left, now: noon).list
      try files.store(list)
      #expect(try Identity.load(from: files.url).authority.isRevoked(identity.certificate))
      let message = try refusal { _ = try files.install(chain: identity.certificatePEM, now: noon) }
      #expect(message.contains("was revoked on"))
    }
  }

  @Test func anOlderRevocationListIsNotStored() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      let files = place.member("DU")
      let old = try #require(place.authority.authority.revocations)
      try files.store(old)
      try files.store(try place.authority.revoke("DU", reason: .left, now: noon).list)
      #expect(try refusal { try files.store(old) }.contains("is older than version 2"))
      #expect(try RevocationList.load(from: files.revocations).version == 2)
    }
  }

  @Test func anEncryptedKeyStaysEncryptedWhenRenewed() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let passphrase = try Passphrase("correct horse battery staple", cost: 16)
      let files = place.member("DU")
      let certificate = try place.authority.issue(files.enrol(du, passphrase: passphrase), now: noon)
      let chain = place.authority.chain(certificate)
      #expect(try refusal { _ = try files.install(chain: chain, now: noon) }.contains("is encrypted"))
      _ = try files.install(chain: chain, passphrase: passphrase, now: noon)
      #expect(try refusal { _ = try files.renew() }.contains("is encrypted"))
      _ = try files.renew(passphrase: passphrase)
      #expect(try PrivateKeyFile.isEncrypted(files.renewalKey))
    }
  }
}
