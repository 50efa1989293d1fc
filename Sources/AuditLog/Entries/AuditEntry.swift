import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// One event, chained to the events before it.
public struct AuditEntry: Sendable, Codable, Equatable {
  /// The 64 zeros that the first entry states as the hash of the previous entry.
  static let noHash = String(repeating: "0", count: 64)

  /// The entry's number, counted from 1.
  public var sequence: Int
  /// The time of the event by the clock of the log's owner, in whole seconds.
  public var time: Date
  public var actor: Party
  /// The name of the action, which may be one that only a later version knows.
  public var kind: String
  public var subject: AuditSubject
  public var details: [String: String]
  /// The hash of the previous entry, in hexadecimal; in the first entry, zeros.
  public var previous: String
  /// The owner's signature over all previous entries; `nil` unless the entry is a seal.
  public var seal: Signature?
  /// The SHA-256 of the entry's bytes in its line, in hexadecimal.
  public internal(set) var hash = ""

  private enum CodingKeys: String, CodingKey {
    case sequence, time, actor, subject, details, previous, seal
    case kind = "action"
  }

  /// The action; `nil` if only a later version knows it.
  public var action: AuditAction? { AuditAction(rawValue: kind) }

  /// The entry's number and hash.
  public var anchor: AuditAnchor { AuditAnchor(sequence: sequence, hash: hash) }

  init(_ record: AuditRecord, at time: Date, after head: AuditAnchor?, seal: Signature? = nil) {
    sequence = (head?.sequence ?? 0) + 1
    self.time = Moment.wholeSeconds(time)
    (actor, kind) = (record.actor, record.action.rawValue)
    subject = record.subject
    // Some details are text from another party, such as the reason for a refusal. Keep each detail on one
    // line.
    details = record.details.mapValues(\.onOneLine)
    previous = head?.hash ?? Self.noHash
    self.seal = seal
  }
}
