import CredentialsTesting
import Crypto
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Credentials

@Suite struct IdentityTests {
  @Test func anIdentityIsReadFromItsFolder() throws {
    try withTemporaryFolder { folder in
      let identity = try TestAuthority().identity(.site, "DU")
      try identity.write(to: folder.appending(path: "DU"))
      let copy = try Identity.load(from: folder.appending(path: "DU"))
      #expect(copy.party == Party(role: .site, name: "DU"))
      #expect(copy.certificate == identity.certificate)
      #expect(copy.privateKeyPEM == identity.privateKeyPEM)
      #expect(copy.authority == identity.authority)
      #expect(copy.privateKeyPEM.hasPrefix("-----BEGIN PRIVATE KEY-----"))
    }
  }

  @Test func revocationsAreReadAndVerified() throws {
    try withTemporaryFolder { folder in
      let authority = try TestAuthority()
      let files = IdentityFolder(folder)
      try authority.identity(.coordinator, "hub").write(to: folder)
      let list = try authority.revoking([try authority.identity(.site, "DU")], version: 7)
      try list.encoded().write(to: files.revocations)
      #expect(try Identity.load(from: folder).authority.revocations == list)
      try authority.impostor().revoking([], version: 8).encoded().write(to: files.revocations)
      let error = #expect(throws: ConsiliumError.self) { try Identity.load(from: folder) }
      #expect(error?.message.contains("is not signed by the authority of 'test'") == true)
    }
  }

  @Test func emptyFolderNamesTheCommandToRun() throws {
    try withTemporaryFolder { folder in
      let empty = #expect(throws: ConsiliumError.self) { try Identity.load(from: folder) }
      #expect(empty?.message.contains("make one with 'consilium provision enrol'") == true)
      try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: IdentityFolder(folder).key)
      let waiting = #expect(throws: ConsiliumError.self) { try Identity.load(from: folder) }
      #expect(waiting?.message.contains("run 'consilium provision install'") == true)
    }
  }

  @Test func rejectsKeyAndCertificateThatDoNotMatch() throws {
    try withTemporaryFolder { folder in
      let authority = try TestAuthority()
      let identity = try authority.identity(.site, "DU")
      let files = IdentityFolder(folder)
      try identity.write(to: folder)
      try Data(authority.identity(.site, "HT").certificatePEM.utf8).write(to: files.certificate)
      let key = #expect(throws: ConsiliumError.self) { try Identity.load(from: folder) }
      #expect(key?.message.contains("the certificate of site/HT was not made for this private key") == true)
      try identity.write(to: folder)
      try Data(authority.impostor().authority.pem.utf8).write(to: files.authority)
      let other = #expect(throws: ConsiliumError.self) { try Identity.load(from: folder) }
      #expect(other?.message.contains("was not issued by the authority of 'test'") == true)
    }
  }

  @Test func anExpiredIdentityLoadsSoThatItCanBeRenewed() throws {
    try withTemporaryFolder { folder in
      let authority = try TestAuthority()
      try authority.expired(.site, "DU").write(to: folder)
      let identity = try Identity.load(from: folder)
      #expect(throws: ConsiliumError.self) { try authority.authority.check(identity.certificate, at: Date()) }
    }
  }

  @Test func halfInstalledRenewalStillLoads() throws {
    try withTemporaryFolder { folder in
      let authority = try TestAuthority()
      let (old, new) = (try authority.identity(.site, "DU"), try authority.identity(.site, "DU"))
      let files = IdentityFolder(folder)
      try old.write(to: folder)
      try PrivateKeyFile.create(new.privateKey, at: files.renewalKey)
      #expect(try Identity.load(from: folder).certificate == old.certificate)
      try Data(new.certificatePEM.utf8).write(to: files.certificate)
      #expect(try Identity.load(from: folder).certificate == new.certificate)
      #expect(try Identity.load(from: folder).privateKeyPEM == new.privateKeyPEM)
      #expect(rename(files.renewalKey.path, files.key.path) == 0)
      #expect(try Identity.load(from: folder).privateKeyPEM == new.privateKeyPEM)
    }
  }
}
