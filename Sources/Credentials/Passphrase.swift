import FederatedCore
import Foundation

/// The passphrase of an encrypted private key.
public struct Passphrase: Sendable, CustomStringConvertible {
  let bytes: Data
  /// The scrypt cost for encrypting a new key; see ``EncryptedKey``. It determines how expensive each guess
  /// of the passphrase is.
  let cost: Int

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the passphrase is shorter than 12 bytes or
  ///   longer than 1,024.
  public init(_ text: String) throws(ConsiliumError) { try self.init(text, cost: 1 << 15) }

  /// - Parameter cost: The scrypt cost, a power of two; tests use a small one.
  package init(_ text: String, cost: Int) throws(ConsiliumError) {
    bytes = Data(text.utf8)
    self.cost = cost
    guard (12...1024).contains(bytes.count) else {
      throw ConsiliumError(.invalidInput, "a passphrase needs at least 12 characters; use several words")
    }
  }

  /// Reads the passphrase from the first line of a file that only its owner can read.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(file: URL) throws(ConsiliumError) {
    let text = try SmallFile.text(file, what: "a file with a passphrase in its first line", isPrivate: true)
    try self.init(String(text.prefix { !$0.isNewline }))
  }

  /// A placeholder, never the passphrase itself.
  public var description: String { "a passphrase" }
}
