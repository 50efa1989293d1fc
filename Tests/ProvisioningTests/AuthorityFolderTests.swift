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
      // The key may be all that is left of an authority that has issued certificates.
      try FileManager.default.removeItem(at: place.authority.files.certificate)
      let half = #expect(throws: ConsiliumError.self) { try Place(folder) }
      #expect(half?.message.contains("holds an authority's key without its certificate") == true)
    }
  }

  @Test func interruptedCreationIsReplacedByTheNext() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let files = place.authority.files
      #expect(!FileManager.default.fileExists(atPath: files.unfinished.path))
      // The state after a crash before the certificate was written, within the creation of the key's file.
      let key = try Data(contentsOf: files.key)
      try FileManager.default.removeItem(at: files.certificate)
      try Data().write(to: files.unfinished)
      let torn = files.folder.appending(path: ".authority.key.3f.part")
      try key.prefix(20).write(to: torn)
      _ = try Place(folder)
      #expect(try Data(contentsOf: files.key) != key)
      for leftover in [torn, files.unfinished] {
        #expect(!FileManager.default.fileExists(atPath: leftover.path))
      }
      // After a crash before the mark was removed, the authority stays.
      try Data().write(to: files.unfinished)
      let error = #expect(throws: ConsiliumError.self) { try Place(folder) }
      #expect(error?.message.contains("already holds an authority") == true)
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

  /// A creation leaves a second name of the key's file if it cannot remove it, for example on a full disk.
  @Test func theNextCommandRemovesWhatIsLeftBesideAKey() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      func leave(_ name: String, in folder: URL, of key: URL) throws -> String {
        let file = folder.appending(path: ".\(name).3f.part").path
        try #require(link(key.path, file) == 0)
        return file
      }
      func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }
      let files = place.authority.files
      let ofAuthority = try leave("authority.key", in: files.folder, of: files.key)
      _ = try AuthorityFolder(files.folder)
      #expect(!exists(ofAuthority))
      let member = IdentityFolder(folder.appending(path: "DU"))
      let request = try member.enrol(Party(role: .site, name: "DU"))
      let ofMember = try leave("identity.key", in: member.url, of: member.key)
      let renewal = try leave("renewal.key", in: member.url, of: member.key)
      #expect(try member.enrol(Party(role: .site, name: "DU")).pem == request.pem)
      #expect(!exists(ofMember) && !exists(renewal))
      #expect(exists(files.key.path) && exists(member.key.path))
    }
  }

  @Test func anAuthorityInAnOpenFolderIsClosedExceptForItsKey() throws {
    try withTemporaryFolder { folder in
      let files = try Place(folder).authority.files
      chmod(files.folder.path, 0o755)
      chmod(files.register.path, 0o644)
      #expect(try AuthorityFolder(files.folder).closed == 2)
      #expect(try mode(of: files.folder) == 0o700)
      #expect(try AuthorityFolder(files.folder).closed == 0)
      chmod(files.key.path, 0o640)
      let authority = try AuthorityFolder(files.folder)
      #expect(throws: ConsiliumError.self) { try authority.certificates(nil) }
    }
  }
}
