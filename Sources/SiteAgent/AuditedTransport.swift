import AuditLog
import Credentials
import FederatedCore
import Foundation

/// A site's connection to the coordinator that records answers in the site's own audit log before they leave.
///
/// An answer with parameters is recorded when the site signs it.
struct AuditedTransport<Base: SiteTransport>: SiteTransport {
  let base: Base
  let audit: AuditLog
  /// The study and the arm of the recorded answers.
  let subject: AuditSubject
  let party: @Sendable () -> Party
  let now: @Sendable () -> Date

  init(
    _ base: Base, audit: AuditLog, subject: AuditSubject, party: @escaping @Sendable () -> Party,
    now: @escaping @Sendable () -> Date
  ) {
    self.base = base
    self.audit = audit
    self.subject = subject
    self.party = party
    self.now = now
  }

  func nextAssignment(for site: SiteID) async throws -> Assignment? {
    try await base.nextAssignment(for: site)
  }

  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
    if case .message(let released) = answer, !released.content.isSigned {
      var subject = subject
      subject.round = assignment.id.round
      subject.site = site
      try await audit.append(
        AuditRecord(
          released.content.kind.auditAction, by: party(), of: subject,
          details: assignment.auditDetails.merging(released.content.auditDetails) { $1 }), at: now())
    }
    try await base.submit(answer, to: assignment, from: site)
  }

  /// Opens a conversation with the coordinator, and records it in the log before its first frame leaves.
  func converse<Result: Sendable>(
    about assignment: Assignment, from site: SiteID,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result {
    var subject = subject
    subject.round = assignment.id.round
    subject.site = site
    let details = ["kind": assignment.message.kind.rawValue].merging(assignment.auditDetails) { $1 }
    try await audit.append(
      AuditRecord(.conversationOpened, by: party(), of: subject, details: details), at: now())
    return try await base.converse(about: assignment, from: site, body)
  }
}

extension StageMessage.Kind {
  /// The audit log's action for a message of this kind, such as `evaluation-released`.
  var auditAction: AuditAction { AuditAction(rawValue: "\(rawValue)-released") ?? .messageReleased }
}

extension Assignment {
  /// The details of the question for the log: its facts that are texts, and the digests of its files.
  fileprivate var auditDetails: [String: String] {
    var details = files
    for case (let name, .text(let text)) in message.facts { details[name] = text }
    return details
  }
}

extension StageMessage {
  /// Whether the site signs the message, which it does if the message has parameters.
  fileprivate var isSigned: Bool {
    tensors.values.contains { if case .parameters = $0 { true } else { false } }
  }

  /// The maximum length of a list of names in the log.
  private static var longestList: Int { 64 }

  /// The details of the answer for the log: its whole numbers and its lists of names.
  fileprivate var auditDetails: [String: String] {
    var details = kind.auditAction == .messageReleased ? ["kind": kind.rawValue] : [:]
    for (name, fact) in facts {
      switch fact {
      case .integer(let value): details[name] = "\(value)"
      case .texts(let values) where values.count <= Self.longestList:
        details[name] = values.joined(separator: ", ")
      default: break
      }
    }
    return details
  }
}
