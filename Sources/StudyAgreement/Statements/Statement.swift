import Credentials
import FederatedCore
import Foundation

/// A claim that a member of a consortium makes and signs.
///
/// The signed bytes are, in UTF-8: the kind, a line feed, and the statement as canonical JSON. Canonical JSON
/// has no spaces and no keys for `nil`, and the keys of each object are sorted. Times are written as
/// `2027-03-01T09:30:00Z`, and whole numbers in decimal. Every other number is the shortest text that reads
/// back to the same 64-bit value, in quotes (``ExactNumber``).
public protocol Statement: Codable, Sendable, Equatable {
  /// The kind with its version, so that no statement can pass for a statement of a different kind.
  static var kind: String { get }
}

extension Statement {
  /// Returns the bytes that are signed.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a number is infinite or not a number.
  public func canonicalBytes() throws(ConsiliumError) -> Data {
    do {
      return Data("\(Self.kind)\n".utf8) + (try CanonicalJSON.encode(self))
    } catch {
      throw ConsiliumError(.invalidInput, "a number in a statement to be signed is not finite", cause: error)
    }
  }

  /// The SHA-256 of the canonical bytes, in hexadecimal.
  public func digest() throws(ConsiliumError) -> String { Fingerprint.of(try canonicalBytes()) }
}
