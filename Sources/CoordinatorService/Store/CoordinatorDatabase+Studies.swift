import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import GRDB
import StudyAgreement

/// A study as stored in the database.
struct StoredStudy: Sendable {
  var id: String
  var digest: String
  var agreement: StudyAgreement
  var state: StudyState
  /// The reason for the state, if it needs an explanation.
  var reason: String
  /// When the study was first started.
  var started: Date?
  /// When the study ended.
  var ended: Date?
  /// The lead's last signed start; `nil` before the first, and if an earlier version started the study.
  var start: SignedStart?
  /// This coordinator's attempts after the first.
  var attempts: [SignedAttempt] = []

  /// What the coordinator shows to the sites.
  var mandate: StudyMandate { StudyMandate(decisions: agreement.decisions, start: start, attempts: attempts) }
}

extension CoordinatorDatabase {
  /// All studies in the order in which they were proposed.
  func studies() throws -> [StoredStudy] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM study ORDER BY position").map { row in
        let id: String = row["id"]
        let start: Data? = row["start"]
        let attempts: Data? = row["attempts"]
        let decisions = try Data.fetchAll(
          database, sql: "SELECT decision FROM decision WHERE study = ? ORDER BY position", arguments: [id])
        return StoredStudy(
          id: id, digest: row["digest"],
          agreement: StudyAgreement(
            try WireJSON.decode(row["proposal"], "a proposal"),
            decisions: try decisions.map { try WireJSON.decode($0, "a decision") }),
          state: StudyState(rawValue: row["state"]) ?? .failed, reason: row["reason"],
          started: Self.time(row["started"]), ended: Self.time(row["ended"]),
          start: try start.map { try WireJSON.decode($0, "a start") },
          attempts: try attempts.map { try WireJSON.decode($0, "the attempts") } ?? [])
      }
    }
  }

  private static func time(_ seconds: Double?) -> Date? {
    seconds.map { Date(timeIntervalSince1970: $0) }
  }

  func insert(_ study: StoredStudy) throws {
    let proposal = try WireJSON.encode(study.agreement.proposal)
    try write {
      try $0.execute(
        sql: "INSERT INTO study (id, digest, proposal, state, reason) VALUES (?, ?, ?, ?, ?)",
        arguments: [study.id, study.digest, proposal, study.state.rawValue, study.reason])
    }
  }

  func isRehearsed(_ study: String) throws -> Bool {
    try read {
      try Bool.fetchOne($0, sql: "SELECT isRehearsed FROM study WHERE id = ?", arguments: [study]) ?? false
    }
  }

  /// Stores that a study has been rehearsed, with the predictions for a round.
  func markRehearsed(_ study: String, _ forecast: [SiteForecast]) throws {
    let data = try WireJSON.encode(forecast)
    try write {
      try $0.execute(
        sql: "UPDATE study SET isRehearsed = 1, forecast = ? WHERE id = ?", arguments: [data, study])
    }
  }

  /// The rehearsal's prediction of the time that a round takes at each site; empty before the rehearsal.
  func forecast(of study: String) throws -> [SiteForecast] {
    let data = try read {
      try Data.fetchOne($0, sql: "SELECT forecast FROM study WHERE id = ?", arguments: [study])
    }
    return try data.map { try WireJSON.decode($0, "a forecast") } ?? []
  }

  func save(_ readiness: SiteReadiness, of study: String) throws {
    let data = try WireJSON.encode(readiness)
    try write {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO readiness (study, site, readiness) VALUES (?, ?, ?)",
        arguments: [study, readiness.site.rawValue, data])
    }
  }

  func readiness(of study: String) throws -> [SiteReadiness] {
    try read {
      try Data.fetchAll(
        $0, sql: "SELECT readiness FROM readiness WHERE study = ? ORDER BY site", arguments: [study])
    }.map { try WireJSON.decode($0, "a site's readiness") }
  }

  /// Stores a site's signed statement about an update. Replaces an earlier statement about the same
  /// assignment.
  func save(_ contribution: Signed<ContributionStatement>, of study: String) throws {
    let (statement, data) = (contribution.statement, try WireJSON.encode(contribution))
    try write {
      try $0.execute(
        sql: """
          INSERT OR REPLACE INTO contribution (study, arm, round, stage, site, statement) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          study, statement.arm, statement.round, statement.stage, statement.site.rawValue, data,
        ])
    }
  }

  func contributions(to study: String, arm: String, round: Int) throws -> [Signed<ContributionStatement>] {
    try read {
      try Data.fetchAll(
        $0,
        sql:
          "SELECT statement FROM contribution WHERE study = ? AND arm = ? AND round = ? ORDER BY stage, site",
        arguments: [study, arm, round])
    }.map { try WireJSON.decode($0, "a contribution") }
  }
}
