import Foundation

/// One entry of the audit log.
public struct AuditLine: Sendable, Equatable {
  /// Its place in the log, from 1.
  public var number: Int
  public var time: Date
  /// Who did it: `lead/mertens`, or `coordinator`.
  public var actor: String
  /// What happened, in a word or two: `study signed`.
  public var event: String
  public var study: String?
  /// What one should know about it; no patient value.
  public var detail: String
  /// The SHA-256 that chains it to the entries before, in hexadecimal.
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
