import Crypto
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Credentials

@Suite struct EncryptedKeyTests {
  private let key = P256.Signing.PrivateKey()
  private let passphrase: Passphrase

  init() throws { passphrase = try Passphrase("correct horse battery staple", cost: 16) }

  @Test func passphraseDecryptsTheKey() throws {
    let encrypted = try EncryptedKey(key, passphrase: passphrase)
    let copy = try CanonicalJSON.decode(EncryptedKey.self, from: CanonicalJSON.encode(encrypted))
    #expect(try copy.open(with: passphrase, path: "k").rawRepresentation == key.rawRepresentation)
  }

  @Test func defaultDerivationCostIsHigh() throws {
    // Deriving a key with these parameters takes a good part of a second, so the test only checks them.
    let encrypted = try EncryptedKey(key, passphrase: passphrase)
    #expect(try Passphrase("correct horse battery staple").cost == 32768)
    #expect(encrypted.derivation.blockSize == 8)
    #expect(encrypted.derivation.parallelism == 3)
  }

  @Test func rejectsWrongPassphrase() throws {
    let encrypted = try EncryptedKey(key, passphrase: passphrase)
    let error = #expect(throws: ConsiliumError.self) {
      try encrypted.open(with: try Passphrase("incorrect horse battery"), path: "k")
    }
    #expect(error?.message == "the passphrase does not open 'k', or the file is damaged")
  }

  @Test func rejectsChangedKeyFile() throws {
    let encrypted = try EncryptedKey(key, passphrase: passphrase)
    var sealed = encrypted
    sealed.sealed[20] ^= 1
    var salted = encrypted
    salted.derivation.salt[0] ^= 1
    var truncated = encrypted
    truncated.sealed = encrypted.sealed.prefix(10)
    var costly = encrypted
    costly.derivation.cost = 32
    for changed in [sealed, salted, truncated, costly] {
      #expect(throws: ConsiliumError.self) { try changed.open(with: passphrase, path: "k") }
    }
  }

  @Test func rejectsExcessiveDerivationCost() throws {
    let encrypted = try EncryptedKey(key, passphrase: passphrase)
    for (cost, size, lanes) in [
      (1 << 30, 8, 1), (0, 8, 1), (-16, 8, 1), (48, 8, 1), (16, 1000, 1), (16, 8, 1 << 20),
    ] {
      var hostile = encrypted
      (hostile.derivation.cost, hostile.derivation.blockSize) = (cost, size)
      hostile.derivation.parallelism = lanes
      let error = #expect(throws: ConsiliumError.self) { try hostile.open(with: passphrase, path: "k") }
      #expect(error?.message.contains("in a way that this version does not support") == true)
    }
  }

  @Test func encryptedKeyFileNeedsItsPassphrase() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "identity.key")
      let encrypted = try EncryptedKey(key, passphrase: passphrase)
      try PrivateFile.create(CanonicalJSON.encode(encrypted), at: file)
      #expect(try PrivateKeyFile.isEncrypted(file))
      #expect(
        try PrivateKeyFile.read(file, passphrase: passphrase).rawRepresentation == key.rawRepresentation)
      let error = #expect(throws: ConsiliumError.self) { try PrivateKeyFile.read(file) }
      #expect(error?.message.contains("is encrypted; name the file that holds its passphrase") == true)
    }
  }

  @Test func rejectsShortPassphraseAndReadableFile() throws {
    #expect(throws: ConsiliumError.self) { try Passphrase("short") }
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "passphrase")
      try PrivateFile.create(Data("correct horse battery staple\n".utf8), at: file)
      #expect(try Passphrase(file: file).bytes == passphrase.bytes)
      #expect("\(passphrase)" == "a passphrase")
      chmod(file.path, 0o644)
      let error = #expect(throws: ConsiliumError.self) { try Passphrase(file: file) }
      #expect(error?.message.contains("chmod 600") == true)
    }
  }
}
