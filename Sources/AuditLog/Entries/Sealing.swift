import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// How the owner of a log signs it, so that a chain that someone else made anew is found.
public struct Sealing: Sendable {
  /// The most entries that go without a seal.
  public var every: Int
  /// Signs with the owner's identity as it is then, since certificates are renewed while a log is open; is told the time.
  public var sign: @Sendable (Data, Date) throws(ConsiliumError) -> Signature

  public init(
    every: Int = 64, sign: @escaping @Sendable (Data, Date) throws(ConsiliumError) -> Signature
  ) {
    (self.every, self.sign) = (max(1, every), sign)
  }

  /// What a seal signs: the UTF-8 text `consilium-audit-seal-1`, the log's id, and sequence and hash of the last entry before the
  /// seal, each followed by a line feed.
  static func statement(log: String, head: AuditAnchor) -> Data {
    Data("consilium-audit-seal-1\n\(log)\n\(head.sequence)\n\(head.hash)\n".utf8)
  }
}

/// The names of the details that the log itself writes.
enum AuditDetail {
  /// The log's random id, in the first entry.
  static let log = "log"
  /// The version of the format.
  static let version = "version"
  /// The most entries without a seal, or `never`.
  static let sealEvery = "seal-every"
  /// How much was cut off, and its SHA-256.
  static let bytes = "bytes"
  static let sha256 = "sha256"
}
