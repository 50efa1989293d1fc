import Crypto
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Credentials

@Suite struct PrivateKeyFileTests {
  private let key = P256.Signing.PrivateKey()

  @Test func keyFileIsPrivateWhateverTheUmask() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      let before = umask(0)
      defer { umask(before) }
      try PrivateKeyFile.create(key, at: file)
      try PrivateFile.createFolder(folder.appending(path: "home"))
      #expect(try mode(of: file) == 0o600)
      #expect(try mode(of: folder.appending(path: "home")) == 0o700)
      #expect(try PrivateKeyFile.read(file).rawRepresentation == key.rawRepresentation)
    }
  }

  @Test func aKeyIsNeverOverwritten() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      try PrivateKeyFile.create(key, at: file)
      let error = #expect(throws: ConsiliumError.self) {
        try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: file)
      }
      #expect(error?.code == .unavailable)
      #expect(try PrivateKeyFile.read(file).rawRepresentation == key.rawRepresentation)
      // Symbolic links are not followed.
      let link = folder.appending(path: "link.key")
      try FileManager.default.createSymbolicLink(
        at: link, withDestinationURL: folder.appending(path: "elsewhere"))
      #expect(throws: ConsiliumError.self) { try PrivateKeyFile.create(key, at: link) }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "elsewhere").path))
    }
  }

  @Test func keyAppearsCompleteOrNotAtAll() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      // What an interrupted creation leaves.
      let torn = folder.appending(path: ".identity.key.3f.part")
      try Data("-----BEGIN".utf8).write(to: torn)
      PrivateFile.removeLeftovers(of: folder.appending(path: "renewal.key"))
      #expect(FileManager.default.fileExists(atPath: torn.path))
      PrivateFile.removeLeftovers(of: file)
      try PrivateKeyFile.create(key, at: file)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["identity.key"])
      #expect(try PrivateKeyFile.read(file).rawRepresentation == key.rawRepresentation)
    }
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o660, 0o644, 0o777]) func rejectsKeyReadableByOthers(bits: Int)
    throws
  {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      try PrivateKeyFile.create(key, at: file)
      chmod(file.path, mode_t(bits))
      let error = #expect(throws: ConsiliumError.self) { try PrivateKeyFile.read(file) }
      #expect(error?.code == .invalidInput)
      #expect(
        error?.message.contains("(mode \(String(bits, radix: 8))); run 'chmod 600 \(file.path)'") == true)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away")) func rejectsKeyOwnedByAnotherUser()
    throws
  {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      try PrivateKeyFile.create(key, at: file)
      chown(file.path, 12345, 12345)
      let error = #expect(throws: ConsiliumError.self) { try PrivateKeyFile.read(file) }
      #expect(error?.message.contains("belongs to user 12345, but this program runs as user 0") == true)
      #expect(error?.message.contains("run 'chown 0 \(file.path)'") == true)
    }
  }

  @Test func rejectsOtherContentWithoutQuotingIt() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      for text in [
        "", "secret words", "{}", "{\"secret words\": 1}", String(key.pemRepresentation.dropLast(60)),
      ] {
        try? FileManager.default.removeItem(at: file)
        try PrivateFile.create(Data(text.utf8), at: file)
        let error = #expect(throws: ConsiliumError.self) { try PrivateKeyFile.read(file) }
        #expect(error?.message.hasPrefix("'\(file.path)' is not a") == true)
        #expect(error?.message.contains("secret") == false)
      }
      let error = #expect(throws: ConsiliumError.self) { try PrivateKeyFile.read(folder) }
      #expect(error?.message.contains("is not a file; expected a private key") == true)
      let missing = #expect(throws: ConsiliumError.self) {
        try PrivateKeyFile.read(folder.appending(path: "nowhere.key"))
      }
      #expect(missing?.message.contains("nowhere.key': No such file or directory") == true)
    }
  }
}
