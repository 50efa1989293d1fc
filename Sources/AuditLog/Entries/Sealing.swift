import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// The way in which the owner of a log signs it, so that a chain rebuilt by someone else is detected.
public struct Sealing: Sendable {
  /// The maximum number of entries without a seal.
  public var every: Int
  /// Signs the given bytes at the given time. Uses the owner's current identity, since certificates are
  /// renewed while a log is open.
  public var sign: @Sendable (Data, Date) throws(ConsiliumError) -> Signature

  public init(
    every: Int = 64, sign: @escaping @Sendable (Data, Date) throws(ConsiliumError) -> Signature
  ) {
    self.every = max(1, every)
    self.sign = sign
  }

  /// The bytes that a seal signs, as UTF-8 text. They consist of four lines, each ended by a line feed:
  /// `consilium-audit-seal-1`, the log's id, and the number and the hash of the last entry before the seal.
  static func statement(log: String, head: AuditAnchor) -> Data {
    Data("consilium-audit-seal-1\n\(log)\n\(head.sequence)\n\(head.hash)\n".utf8)
  }
}

/// The keys of the details that the log itself writes.
enum AuditDetail {
  /// The log's random id, in the first entry.
  static let log = "log"
  /// The version of the format.
  static let version = "version"
  /// The maximum number of entries without a seal, or `never`.
  static let sealEvery = "seal-every"
  /// The number of bytes of an unfinished line that were removed.
  static let bytes = "bytes"
  /// The SHA-256 of the removed bytes.
  static let sha256 = "sha256"
}
