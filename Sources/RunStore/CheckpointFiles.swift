import FederatedCore
import FederatedRuntime
import Foundation
import GRDB
import ParameterFiles

/// The files with the models and states of an arm's most recent rounds. Each file is named by its digest, so
/// that unchanged data are written only once.
struct CheckpointFiles {
  /// The number of most recent rounds per arm whose model and states are kept. The arm's best model is kept
  /// too.
  static let keptRounds = 2

  let folder: RunFolder
  let database: DatabaseQueue
  /// Files of earlier rounds that are no longer needed, kept so that new files can overwrite them.
  private let spares: SpareFiles

  init(folder: RunFolder, database: DatabaseQueue) {
    self.folder = folder
    self.database = database
    spares = SpareFiles(in: folder.checkpoints)
  }

  /// Writes named parts and returns their digest; `nil` if there are none.
  func write(_ group: NamedParts) throws -> String? {
    guard !group.parts.isEmpty else { return nil }
    let digest = ParameterDigest.sha256(of: group)
    try write(group, to: folder.checkpoint(digest))
    return digest
  }

  /// - Returns: false if the file existed already.
  @discardableResult
  private func write(_ group: NamedParts, to file: URL) throws -> Bool {
    guard !FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return false }
    try ParameterFile.write(group, to: file, over: spares)
    return true
  }

  /// Writes a model. Returns its digest and, if the file is new, the model as mapped from the file.
  func write(_ model: ModelParameters, digest: String?) throws -> (digest: String, stored: ModelParameters?) {
    let digest = digest ?? ParameterDigest.sha256(of: model)
    let file = folder.checkpoint(digest)
    guard try write(NamedParts(model), to: file) else { return (digest, nil) }
    return (digest, try ParameterFile.readModel(from: file, layout: model.layout))
  }

  /// Reads the named parts with this digest, and checks the digest.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func read(_ digest: String) throws -> NamedParts {
    let file = folder.checkpoint(digest)
    let group = try ParameterFile.read(from: file)
    guard ParameterDigest.sha256(of: group) == digest else {
      throw ConsiliumError(
        .storage,
        "'\(file.path(percentEncoded: false))' is damaged: its values are not those that were written")
    }
    return group
  }

  /// The checkpoint described by a row of the table `round`.
  func checkpoint(of row: Row) throws -> RoundCheckpoint {
    let record: RoundRecord = try JSONText.decode(row["record"], "a round")
    let siteStates: [String: String?] = try JSONText.decode(row["siteStates"], "the sites' states")
    let states = try siteStates.map { (SiteID($0.key), try state($0.value)) }
    return RoundCheckpoint(
      record: record, model: try read(row["model"]).group(), serverState: try state(row["serverState"]),
      siteStates: Dictionary(uniqueKeysWithValues: states))
  }

  private func state(_ digest: String?) throws -> NamedParts {
    try digest.map(read) ?? NamedParts(names: [], parts: [])
  }

  /// Removes the checkpoints that no resumed run needs. Keeps some of their files to be overwritten.
  func removeUnused() throws {
    // Skip a file that has a second name, since a site or a worker may still read it under that name. A later
    // round removes the file.
    for path in try unusedFiles().map({ $0.path(percentEncoded: false) }) where !SpareFiles.isShared(path) {
      spares.keep(path)
    }
  }

  private func unusedFiles() throws -> [URL] {
    let used = try digestsInUse()
    return try contents(of: folder.checkpoints).filter {
      !used.contains($0.deletingPathExtension().lastPathComponent)
        && !SpareFiles.isSpare($0.lastPathComponent)
    }
  }

  /// Removes unused checkpoints and the files kept for overwriting.
  func clear() throws {
    for file in try unusedFiles() { try remove(file) }
    spares.removeAll()
  }

  /// Removes files left behind by a crash: files that the database does not name, and all files in transfer
  /// to a worker.
  func removeLeftovers() throws {
    try clear()
    for file in try contents(of: folder.exchange) { try remove(file) }
    let manifests = Set(
      try rows("SELECT arm, round FROM round").map {
        folder.manifest(arm: $0["arm"], round: $0["round"]).path
      })
    for arm in try contents(of: folder.rounds) {
      for file in try contents(of: arm) where !manifests.contains(file.standardizedFileURL.path) {
        try remove(file)
      }
    }
    for folder in [
      folder.url, folder.models, folder.rounds, folder.panels, folder.url.appending(path: "figures"),
    ] {
      AtomicFile.removeLeftovers(in: folder)
    }
  }

  private func digestsInUse() throws -> Set<String> {
    let last = try rows(
      """
      SELECT model, serverState, siteStates FROM round AS this
      WHERE round > (SELECT max(round) FROM round WHERE arm = this.arm) - \(Self.keptRounds)
      """)
    let best = try rows(
      """
      SELECT model FROM round AS this WHERE isBest
      AND round = (SELECT max(round) FROM round WHERE arm = this.arm AND isBest)
      """)
    var digests = Set(best.map { $0["model"] as String })
    for row in last {
      digests.insert(row["model"])
      if let state = row["serverState"] as String? { digests.insert(state) }
      let states: [String: String?] = try JSONText.decode(row["siteStates"], "the sites' states")
      digests.formUnion(states.values.compactMap { $0 })
    }
    return digests
  }

  private func rows(_ sql: String) throws -> [Row] {
    try RunDatabase.explaining(folder) { try database.read { try Row.fetchAll($0, sql: sql) } }
  }

  private func contents(of folder: URL) throws -> [URL] {
    try RunOpening.explaining(folder.path(percentEncoded: false), "read") {
      try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }
  }

  private func remove(_ file: URL) throws {
    try RunOpening.explaining(file.path(percentEncoded: false), "remove") {
      try FileManager.default.removeItem(at: file)
    }
  }
}
