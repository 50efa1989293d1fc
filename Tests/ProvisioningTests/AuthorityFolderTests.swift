import Credentials
import Crypto
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Provisioning

@Suite struct AuthorityFolderTests {
  private func files(in folder: AuthorityFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }

  @Test func authorityFolderIsPrivate() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder, consortium: "Glioma North")
      #expect(
        try files(in: place.authority) == [
          ".lock", "authority.crt", "authority.key", "register.json", "revoked.json",
        ])
      #expect(try mode(of: place.authority.url) == 0o700)
      #expect(try mode(of: place.authority.files.key) == 0o600)
      #expect(place.authority.authority.consortium == "Glioma North")
      #expect(place.authority.authority.notBefore == noon.days(-1))
      #expect(place.authority.authority.notAfter == noon.days(3652.5))
      #expect(place.authority.authority.revocations?.version == 1)
    }
  }

  @Test func refusesToOverwriteAnAuthority() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let error = #expect(throws: ConsiliumError.self) { try Place(folder, consortium: "other") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("already holds an authority; choose another folder") == true)
      #expect(try AuthorityFolder(place.authority.url).authority == place.authority.authority)
      // The state after a crash between writing the two files.
      try FileManager.default.removeItem(at: place.authority.files.certificate)
      let half = #expect(throws: ConsiliumError.self) { try Place(folder) }
      #expect(half?.message.contains("did not finish in '") == true)
    }
  }

  @Test func rejectsInvalidNamesAndLifetimes() throws {
    try withTemporaryFolder { folder in
      for name in ["", "a/b", "..", "x\n", String(repeating: "x", count: 49)] {
        let error = #expect(throws: ConsiliumError.self) { try Place(folder, consortium: name) }
        #expect(error?.message.contains("cannot be a consortium's name") == true)
      }
      #expect(throws: ConsiliumError.self) {
        try AuthorityFolder.create(consortium: "test", at: folder.appending(path: "a"), years: 0, now: noon)
      }
      let none = #expect(throws: ConsiliumError.self) { try AuthorityFolder(folder) }
      #expect(none?.message.contains("holds no authority; make one with 'consilium provision init'") == true)
    }
  }

  @Test func refusesKeyReadableByOthers() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      chmod(place.authority.files.key.path, 0o640)
      let error = #expect(throws: ConsiliumError.self) { try place.join(.site, "DU") }
      #expect(error?.message.contains("run 'chmod 600 ") == true)
      #expect(try place.authority.register().entries.isEmpty)
    }
  }

  @Test func rejectsKeyOfAnotherCertificate() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try FileManager.default.removeItem(at: place.authority.files.key)
      try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: place.authority.files.key)
      let error = #expect(throws: ConsiliumError.self) { try place.join(.site, "DU") }
      #expect(error?.message == "authority.key is not the key of authority.crt")
    }
  }

  @Test func anEncryptedKeyNeedsItsPassphrase() throws {
    try withTemporaryFolder { folder in
      let passphrase = try Passphrase("correct horse battery staple", cost: 16)
      let authority = try AuthorityFolder.create(
        consortium: "test", at: folder.appending(path: "authority"), passphrase: passphrase, now: noon)
      let request = try IdentityFolder(folder.appending(path: "DU")).enrol(Party(role: .site, name: "DU"))
      let error = #expect(throws: ConsiliumError.self) { try authority.issue(request, now: noon) }
      #expect(error?.message.contains("is encrypted; name the file") == true)
      #expect(try authority.issue(request, passphrase: passphrase, now: noon).party.name == "DU")
    }
  }
}
