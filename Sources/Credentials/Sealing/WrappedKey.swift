import Crypto
import Foundation

/// A ``ContentKey`` that only one member can read: about a hundred bytes. The same content can therefore be
/// sealed for many members, and for another one later, without being sent again.
public struct WrappedKey: Sendable, Codable, Equatable {
  /// The public key of the member that can open it.
  public var recipient: Data
  /// The sender's public key of this HPKE message.
  public var encapsulated: Data
  public var ciphertext: Data

  static let ciphersuite = HPKE.Ciphersuite(
    kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)

  static func info(_ context: String) -> Data { Data("consilium-wrapped-key-1\n\(context)".utf8) }
}
