import Crypto
import FederatedCore
import Foundation

/// The key with which a member opens what was sealed for it, and the public key that others need for that.
///
/// Identity keys only sign, so a member makes such a key for each study and signs its public key. The key is
/// one of X25519, for HPKE (RFC 9180).
public struct SealingKey: Sendable {
  private let key: Curve25519.KeyAgreement.PrivateKey

  /// Creates a fresh key.
  public init() { key = Curve25519.KeyAgreement.PrivateKey() }

  /// Reads a stored key.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if these are not the 32 bytes of a key.
  public init(rawRepresentation bytes: Data) throws(ConsiliumError) {
    guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes) else {
      throw ConsiliumError(.invalidInput, "\(bytes.count) bytes are no key to open sealed files; expected 32")
    }
    self.key = key
  }

  /// The secret bytes of the key, to store it in a private file.
  public var rawRepresentation: Data { key.rawRepresentation }

  /// The public key; 32 bytes.
  public var publicKey: Data { key.publicKey.rawRepresentation }

  func opening(_ wrapped: WrappedKey, info: Data) throws -> Data {
    var recipient = try HPKE.Recipient(
      privateKey: key, ciphersuite: WrappedKey.ciphersuite, info: info, encapsulatedKey: wrapped.encapsulated)
    return try recipient.open(wrapped.ciphertext)
  }
}
