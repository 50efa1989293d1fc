import Crypto
import CryptoExtras
import FederatedCore
import Foundation

/// A private key encrypted under a passphrase, with all parameters needed to decrypt it. The cipher is
/// AES-256-GCM; scrypt (RFC 7914) derives its key from the passphrase.
///
/// PKCS#8 encryption would be the standard form, but swift-crypto does not offer it.
struct EncryptedKey: Codable {
  /// The parameters of scrypt. They set its cost: `parallelism` passes, each in 128 · `cost` · `blockSize`
  /// bytes of memory.
  struct Derivation: Codable {
    var algorithm = "scrypt"
    var cost: Int
    var blockSize = 8
    var parallelism = 3
    var salt: Data
  }

  var format = Self.name
  var derivation: Derivation
  var cipher = "AES-256-GCM"
  /// The nonce, the ciphertext and the authentication tag.
  var sealed: Data

  static let name = "consilium-encrypted-key-1"

  init(_ key: P256.Signing.PrivateKey, passphrase: Passphrase) throws(ConsiliumError) {
    let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    derivation = Derivation(cost: passphrase.cost, salt: salt)
    sealed = Data()
    do {
      let box = try AES.GCM.seal(
        key.derRepresentation, using: try derivation.key(from: passphrase), authenticating: try description)
      sealed = box.combined ?? Data()
    } catch {
      throw ConsiliumError(.storage, "the private key cannot be encrypted", cause: error)
    }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the passphrase is wrong or the file was
  ///   changed.
  func open(with passphrase: Passphrase, path: String) throws(ConsiliumError) -> P256.Signing.PrivateKey {
    guard format == Self.name, cipher == "AES-256-GCM", derivation.isReasonable else {
      throw ConsiliumError(
        .invalidInput, "'\(path)' is encrypted in a way that this version does not support")
    }
    do {
      let key = try derivation.key(from: passphrase)
      let der = try AES.GCM.open(
        AES.GCM.SealedBox(combined: sealed), using: key, authenticating: try description)
      return try P256.Signing.PrivateKey(derRepresentation: der)
    } catch {
      throw ConsiliumError(
        .invalidInput, "the passphrase does not open '\(path)', or the file is damaged", cause: error)
    }
  }

  /// All fields except the ciphertext, encoded as the additional data that the tag authenticates.
  private var description: Data {
    get throws {
      var plain = self
      plain.sealed = Data()
      return try CanonicalJSON.encode(plain)
    }
  }
}

extension EncryptedKey.Derivation {
  /// Whether deriving the key needs at most 1 GiB of memory and a bounded time. A forged file could demand
  /// more.
  var isReasonable: Bool {
    algorithm == "scrypt" && (1 << 4...1 << 20).contains(cost) && cost.nonzeroBitCount == 1
      && (1...8).contains(blockSize) && (1...16).contains(parallelism) && salt.count >= 16
  }

  fileprivate func key(from passphrase: Passphrase) throws -> SymmetricKey {
    try KDF.Scrypt.deriveKey(
      from: passphrase.bytes, salt: salt, outputByteCount: 32, rounds: cost, blockSize: blockSize,
      parallelism: parallelism)
  }
}
