import AuditLog
import Credentials
import FederatedCore
import Foundation
import Synchronization

/// A site's way to the coordinator that enters evaluations in the site's own audit log before they leave.
///
/// An update is entered where the site signs it.
struct AuditedTransport<Base: SiteTransport>: SiteTransport {
  let base: Base
  let audit: AuditLog
  /// The study and the arm.
  let subject: AuditSubject
  let party: @Sendable () -> Party
  let now: @Sendable () -> Date
  private let current = Current()

  init(
    _ base: Base, audit: AuditLog, subject: AuditSubject, party: @escaping @Sendable () -> Party,
    now: @escaping @Sendable () -> Date
  ) {
    (self.base, self.audit, self.subject) = (base, audit, subject)
    (self.party, self.now) = (party, now)
  }

  func nextAssignment(for site: SiteID) async throws -> Assignment? {
    let assignment = try await base.nextAssignment(for: site)
    current.assignment.withLock { $0 = assignment.map { ($0.id, $0.work, $0.fileDigest) } }
    return assignment
  }

  func submit(_ answer: SiteAnswer<Base.Payload>, to id: Assignment.ID, from site: SiteID) async throws {
    if case .evaluation(let released) = answer {
      var subject = subject
      (subject.round, subject.site) = (id.round, site)
      try await audit.append(
        AuditRecord(
          .evaluationReleased, by: party(), of: subject, details: details(of: released.content, id)),
        at: now())
    }
    try await base.submit(answer, to: id, from: site)
  }

  private func details(of evaluation: SiteEvaluation, _ id: Assignment.ID) -> [String: String] {
    var details = [
      "patients": "\(evaluation.patientCount)",
      "metrics": evaluation.metrics.map(\.name).joined(separator: ", "),
    ]
    if let (known, work, digest) = current.assignment.withLock({ $0 }), known == id {
      if case .evaluate(let part) = work { details["part"] = part.rawValue }
      details["model"] = digest
    }
    return details
  }

  private final class Current: Sendable {
    let assignment = Mutex<(Assignment.ID, Assignment.Work, String?)?>(nil)
  }
}
