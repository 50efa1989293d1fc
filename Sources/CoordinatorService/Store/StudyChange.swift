import FederatedTransport
import Foundation
import GRDB
import StudyAgreement

/// A change of a stored study. It is stored as a whole or not at all.
struct StudyChange: Sendable {
  /// `nil` leaves state and reason unchanged.
  var state: StudyState?
  var reason = ""
  /// The time of the first start. `nil` leaves a stored time unchanged, and a stored time stays.
  var started: Date?
  /// `nil` leaves a stored time unchanged.
  var ended: Date?
  /// The lead's start, which replaces an earlier one; `nil` leaves it unchanged.
  var start: SignedStart?
  /// The attempts after the first; `nil` leaves them unchanged.
  var attempts: [SignedAttempt]?
  /// A further decision of a site.
  var decision: SiteDecision?
}

extension StoredStudy {
  /// Makes a change in memory, as the database makes it on disk.
  mutating func apply(_ change: StudyChange) {
    if let state = change.state {
      self.state = state
      reason = change.reason
    }
    started = started ?? change.started
    ended = change.ended ?? ended
    start = change.start ?? start
    attempts = change.attempts ?? attempts
    if let decision = change.decision { agreement.add(decision) }
  }
}

extension CoordinatorDatabase {
  /// Stores a change of a study in one transaction.
  func apply(_ change: StudyChange, to study: String) throws {
    let start = try change.start.map { try WireJSON.encode($0) }
    let attempts = try change.attempts.map { try WireJSON.encode($0) }
    let decision = try change.decision.map { ($0.statement.site.rawValue, try WireJSON.encode($0)) }
    try write { database in
      if let state = change.state {
        try database.execute(
          sql: "UPDATE study SET state = ?, reason = ? WHERE id = ?",
          arguments: [state.rawValue, change.reason, study])
      }
      try database.execute(
        sql: """
          UPDATE study SET started = coalesce(started, ?), ended = coalesce(?, ended), start = coalesce(?, start),
            attempts = coalesce(?, attempts)
          WHERE id = ?
          """,
        arguments: [
          change.started?.timeIntervalSince1970, change.ended?.timeIntervalSince1970, start, attempts, study,
        ])
      guard let decision else { return }
      try database.execute(
        sql: """
          INSERT INTO decision (study, site, position, decision)
          VALUES (?, ?, (SELECT count(*) FROM decision WHERE study = ?), ?)
          """, arguments: [study, decision.0, study, decision.1])
    }
  }
}
