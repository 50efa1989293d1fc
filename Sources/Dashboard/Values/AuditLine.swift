import Foundation

/// An entry of the audit log.
public struct AuditLine: Sendable, Equatable {
  /// The entry's number in the log, from 1.
  public var number: Int
  public var time: Date
  /// The acting party: `lead/mertens`, or `coordinator`.
  public var actor: String
  /// The event in a word or two: `study signed`.
  public var event: String
  public var study: String?
  /// Details of the event; no patient value.
  public var detail: String
  /// The SHA-256 that links the entry to the previous ones, in hexadecimal.
  public var digest: String

  public init(
    number: Int, time: Date, actor: String, event: String, study: String? = nil, detail: String = "",
    digest: String
  ) {
    self.number = number
    self.time = time
    self.actor = actor
    self.event = event
    self.study = study
    self.detail = detail
    self.digest = digest
  }
}
