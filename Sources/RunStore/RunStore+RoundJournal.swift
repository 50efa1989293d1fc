import FederatedCore
import FederatedRuntime
import Foundation
import GRDB
import ParameterFiles

/// A point in the saving of a round at which tests end the process, to check that a crash there loses
/// nothing.
enum CommitStep: String, Sendable, Codable, CaseIterable {
  case begun, modelWritten, statesWritten, manifestWritten, rowWritten, cleaned
}

extension RunStore: RoundJournal {
  /// Saves a finished round and removes the files that a resumed run no longer needs.
  ///
  /// If a model's record states its digest, the digest is not computed again.
  @discardableResult
  public func commit(_ checkpoint: RoundCheckpoint) throws -> ModelParameters? {
    let record = checkpoint.record
    let files = CheckpointFiles(folder: folder, database: database)
    try atStep(.begun)
    let (model, stored) = try files.write(
      checkpoint.model, digest: record.modelDigest.count == 64 ? record.modelDigest : nil)
    try atStep(.modelWritten)
    let serverState = try files.write(checkpoint.serverState)
    var siteStates: [String: String] = [:]
    for (site, state) in checkpoint.siteStates { siteStates[site.rawValue] = try files.write(state) }
    try atStep(.statesWritten)

    let manifest = folder.manifest(arm: record.arm, round: record.round)
    try RunOpening.make([manifest.deletingLastPathComponent()])
    try AtomicFile.write(Data((try JSONText.encode(record, pretty: true) + "\n").utf8), to: manifest)
    try atStep(.manifestWritten)

    let arguments: StatementArguments = [
      record.arm, record.round, checkpoint.isBest, try JSONText.encode(record), model, serverState,
      try JSONText.encode(siteStates),
    ]
    try events.flush { entries in
      try write { database in
        try database.execute(
          sql: """
            INSERT INTO round (arm, round, isBest, record, model, serverState, siteStates)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, arguments: arguments)
        try EventLog.insert(entries, into: database)
      }
    }
    try atStep(.rowWritten)
    try files.removeUnused()
    try atStep(.cleaned)
    return stored
  }

  public func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) throws -> [SiteID] {
    // Store a question that belongs to no stage, such as an evaluation between two rounds, as stage -1.
    let place: StatementArguments = [arm, id.round, id.stage ?? -1, id.question]
    return try write { database in
      try database.execute(
        sql: """
          INSERT INTO stageSet (arm, round, stage, question, sites) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT DO NOTHING
          """, arguments: place + [try JSONText.encode(sites)])
      let kept = try String.fetchOne(
        database,
        sql: "SELECT sites FROM stageSet WHERE arm = ? AND round = ? AND stage = ? AND question = ?",
        arguments: place)
      return try kept.map { try JSONText.decode($0, "a set of sites") } ?? sites
    }
  }

  /// The most recently committed round. If its files are damaged, deletes that round and returns the previous
  /// round.
  public func lastCheckpoint(of arm: String) throws -> RoundCheckpoint? {
    let files = CheckpointFiles(folder: folder, database: database)
    let rows = try reader.query {
      try Row.fetchAll(
        $0, sql: "SELECT * FROM round WHERE arm = ? ORDER BY round DESC LIMIT ?",
        arguments: [arm, CheckpointFiles.keptRounds])
    }
    var damage: (any Error)?
    for (index, row) in rows.enumerated() {
      do {
        let checkpoint = try files.checkpoint(of: row)
        for damaged in rows[..<index] { try forget(arm: arm, round: damaged["round"]) }
        return checkpoint
      } catch {
        damage = damage ?? error
      }
    }
    if let damage { throw damage }
    return nil
  }

  public func bestModel(of arm: String) throws -> ModelParameters? {
    let digest = try reader.query {
      try String.fetchOne(
        $0, sql: "SELECT model FROM round WHERE arm = ? AND isBest ORDER BY round DESC LIMIT 1",
        arguments: [arm])
    }
    guard let digest else { return nil }
    return try CheckpointFiles(folder: folder, database: database).read(digest).group()
  }

  public func records(of arm: String) throws -> [RoundRecord] { try reader.records(of: arm) }

  private func forget(arm: String, round: Int) throws {
    record(["arm": arm, "round": String(round)], named: "damaged-round-forgotten")
    try write {
      try $0.execute(sql: "DELETE FROM round WHERE arm = ? AND round = ?", arguments: [arm, round])
    }
    try CheckpointFiles(folder: folder, database: database).removeUnused()
  }
}
