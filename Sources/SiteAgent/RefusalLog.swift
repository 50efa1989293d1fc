import AuditLog
import Credentials
import FederatedCore
import Foundation
import Synchronization

/// Records refused questions in the site's own audit log. An agent meets the same question at each of its
/// retries, so each question is recorded once per start of the agent.
final class RefusalLog: Sendable {
  private let audit: AuditLog
  private let party: @Sendable () -> Party
  private let now: @Sendable () -> Date
  private let entered = Mutex<Set<String>>([])

  init(_ audit: AuditLog, party: @escaping @Sendable () -> Party, now: @escaping @Sendable () -> Date) {
    self.audit = audit
    self.party = party
    self.now = now
  }

  /// Runs `body`, and records the question if `body` throws a refusal.
  ///
  /// - Parameter subject: the study and the arm of the question.
  func watching(_ subject: AuditSubject, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as ConsiliumError {
      if let refusal = error.refusal { try await enter(refusal, because: error.message, of: subject) }
      throw error
    }
  }

  private func enter(_ refusal: QuestionRefusal, because reason: String, of subject: AuditSubject)
    async throws
  {
    let identity = "\(subject) \(refusal.identity)"
    guard entered.withLock({ $0.insert(identity).inserted }) else { return }
    var (subject, details) = (subject, refusal.files)
    subject.round = refusal.id.round
    details["kind"] = refusal.kind.rawValue
    details["reason"] = String(reason.prefix(1000))
    do {
      try await audit.append(
        AuditRecord(.questionRefused, by: party(), of: subject, details: details), at: now())
    } catch {
      // Record the next attempt instead.
      entered.withLock { _ = $0.remove(identity) }
      throw error
    }
  }
}
