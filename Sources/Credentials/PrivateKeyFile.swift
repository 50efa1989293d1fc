import Crypto
import FederatedCore
import Foundation

/// A file with one P-256 private key, as PEM (PKCS#8) or encrypted, that only its owner can read.
package enum PrivateKeyFile {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the file is readable by other users, holds no
  ///   key, or is encrypted and no passphrase was given.
  package static func read(_ url: URL, passphrase: Passphrase? = nil) throws(ConsiliumError)
    -> P256.Signing.PrivateKey
  {
    let path = url.path(percentEncoded: false)
    let data = try SmallFile.read(url, what: "a private key", isPrivate: true)
    if data.first == UInt8(ascii: "{") { return try open(data, path: path, passphrase) }
    do {
      return try P256.Signing.PrivateKey(pemRepresentation: String(decoding: data, as: UTF8.self))
    } catch {
      // Leave out the cause: it might quote the key.
      throw ConsiliumError(
        .invalidInput, "'\(path)' is not a P-256 private key in PEM, or it is damaged")
    }
  }

  /// Whether the key in the file is encrypted under a passphrase.
  package static func isEncrypted(_ url: URL) throws(ConsiliumError) -> Bool {
    try SmallFile.read(url, what: "a private key", isPrivate: true).first == UInt8(ascii: "{")
  }

  /// Writes a key to a new file.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the file exists.
  package static func create(
    _ key: P256.Signing.PrivateKey, at url: URL, passphrase: Passphrase? = nil
  ) throws(ConsiliumError) {
    guard let passphrase else {
      return try PrivateFile.create(Data((key.pemRepresentation + "\n").utf8), at: url)
    }
    let encrypted = try EncryptedKey(key, passphrase: passphrase)
    do {
      try PrivateFile.create(try CanonicalJSON.encode(encrypted, pretty: true), at: url)
    } catch {
      throw error as? ConsiliumError
        ?? ConsiliumError(.storage, "cannot write the private key", cause: error)
    }
  }

  private static func open(
    _ data: Data, path: String, _ passphrase: Passphrase?
  ) throws(ConsiliumError) -> P256.Signing.PrivateKey {
    let encrypted: EncryptedKey
    do {
      encrypted = try CanonicalJSON.decode(EncryptedKey.self, from: data)
    } catch {
      throw ConsiliumError(
        .invalidInput, "'\(path)' is not an encrypted private key, or it is damaged", cause: error)
    }
    guard let passphrase else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' is encrypted; name the file that holds its passphrase with --passphrase-file")
    }
    return try encrypted.open(with: passphrase, path: path)
  }
}
