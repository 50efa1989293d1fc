import Crypto
import FederatedCore
import Foundation

/// The fresh key of one sealed file.
public struct ContentKey: Sendable {
  let key: SymmetricKey

  /// Creates a fresh key.
  public init() { key = SymmetricKey(size: .bits256) }

  var bytes: Data { key.withUnsafeBytes { Data($0) } }

  /// Opens a wrapped key.
  ///
  /// - Parameter context: what the file is, such as its study, arm, round and sender. It must be the one that
  ///   was given when the key was wrapped.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the key was wrapped for another member or
  ///   another context, or was altered.
  public init(opening wrapped: WrappedKey, with own: SealingKey, context: String) throws(ConsiliumError) {
    guard wrapped.recipient == own.publicKey else {
      throw ConsiliumError(.invalidUpdate, "the key of a sealed file is wrapped for another member")
    }
    do {
      let bytes = try own.opening(wrapped, info: WrappedKey.info(context))
      guard bytes.count == 32 else { throw CryptoKitError.incorrectKeySize }
      key = SymmetricKey(data: bytes)
    } catch {
      throw ConsiliumError(
        .invalidUpdate,
        "the key of a sealed file cannot be opened; it was altered or belongs to another file",
        cause: error)
    }
  }

  /// Wraps the key for a member.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `recipient` is no public key.
  public func wrapped(for recipient: Data, context: String) throws(ConsiliumError) -> WrappedKey {
    do {
      let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: recipient)
      // RFC 9180, section 7.1.4: a point of low order gives a secret that everyone knows.
      let secret = try Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
      guard secret.withUnsafeBytes({ $0.contains { $0 != 0 } }) else { throw CryptoKitError.incorrectKeySize }
      var sender = try HPKE.Sender(
        recipientKey: key, ciphersuite: WrappedKey.ciphersuite, info: WrappedKey.info(context))
      return WrappedKey(
        recipient: recipient, encapsulated: sender.encapsulatedKey, ciphertext: try sender.seal(bytes))
    } catch {
      throw ConsiliumError(
        .invalidInput, "\(recipient.count) bytes are no public key to seal files for", cause: error)
    }
  }
}
