import FederatedCore
import FederatedRuntime
import Foundation
import GRDB
import WorkerProtocol

/// Reads the contents of a run folder, even while the run continues in a different process. Never writes.
public struct RunReader: Sendable {
  public let folder: RunFolder
  private let database: DatabaseQueue

  init(folder: RunFolder, database: DatabaseQueue) {
    self.folder = folder
    self.database = database
  }

  /// Opens a run folder for reading.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidInput` if the folder holds no run or a run of a different format
  ///   version, `.storage` if it cannot be read.
  public init(_ folder: URL) throws {
    let folder = RunFolder(folder)
    let path = folder.url.path(percentEncoded: false)
    let missing = ConsiliumError(
      .invalidInput, "'\(path)' is not a run folder; name the folder that was given to --out")
    guard FileManager.default.fileExists(atPath: folder.database.path(percentEncoded: false)) else {
      throw missing
    }
    self.init(folder: folder, database: try RunDatabase.openToRead(folder))
    guard try identityIfAny() != nil else { throw missing }
  }

  public func identity() throws -> RunIdentity {
    guard let identity = try identityIfAny() else {
      throw ConsiliumError(.storage, "'\(folder.database.path(percentEncoded: false))' holds no run")
    }
    return identity
  }

  func identityIfAny() throws -> RunIdentity? {
    try query { try String.fetchOne($0, sql: "SELECT identity FROM run") }
      .map { try JSONText.decode($0, "the identity of the run") }
  }

  /// The time at which the run was begun, as ISO 8601.
  public func started() throws -> String {
    try query { try String.fetchOne($0, sql: "SELECT started FROM run") } ?? ""
  }

  /// The names of the arms that have a committed round, in alphabetical order.
  public func arms() throws -> [String] {
    try query { try String.fetchAll($0, sql: "SELECT DISTINCT arm FROM round ORDER BY arm") }
  }

  /// The number of an arm's last committed round; 0 if there is none.
  public func lastRound(of arm: String) throws -> Int {
    try query { try Int.fetchOne($0, sql: "SELECT max(round) FROM round WHERE arm = ?", arguments: [arm]) }
      ?? 0
  }

  /// The committed rounds of an arm, in order.
  ///
  /// - Parameter round: the round after which the records begin.
  public func records(of arm: String, after round: Int = 0) throws -> [RoundRecord] {
    let texts = try query {
      try String.fetchAll(
        $0, sql: "SELECT record FROM round WHERE arm = ? AND round > ? ORDER BY round",
        arguments: [arm, round])
    }
    return try texts.map { try JSONText.decode($0, "a round of arm '\(arm)'") }
  }

  /// The finished model with a name; `nil` if there is none.
  public func model(named name: String) throws -> StoredModel? {
    try query {
      try Row.fetchOne($0, sql: "SELECT digest, parameterCount FROM model WHERE name = ?", arguments: [name])
    }.map {
      StoredModel(
        name: name, digest: $0["digest"], parameterCount: $0["parameterCount"],
        file: folder.model(named: name))
    }
  }

  /// The evaluation of a model on a site's data; `nil` if the model with this digest was not evaluated there.
  public func evaluation(of model: String, digest: String, on site: SiteID, part: DataPart = .test) throws
    -> SiteEvaluation?
  {
    try query {
      try String.fetchOne(
        $0,
        sql: """
          SELECT evaluation FROM evaluation WHERE model = ? AND digest = ? AND site = ? AND part = ?
          """, arguments: [model, digest, site.rawValue, part.rawValue])
    }.map { try JSONText.decode($0, "an evaluation") }
  }

  /// The test results of the model with a digest, by site.
  public func evaluations(ofModel digest: String) throws -> [SiteID: SiteEvaluation] {
    let rows = try query {
      try Row.fetchAll(
        $0, sql: "SELECT site, evaluation FROM evaluation WHERE digest = ? AND part = ?",
        arguments: [digest, DataPart.test.rawValue])
    }
    return Dictionary(
      try rows.map { (SiteID($0["site"]), try JSONText.decode($0["evaluation"], "an evaluation")) }
    ) { first, _ in first }
  }

  /// The descriptions of the sites' data, by site.
  public func sites() throws -> [SiteID: SessionDescription] {
    let rows = try query { try Row.fetchAll($0, sql: "SELECT site, description FROM site") }
    return Dictionary(
      uniqueKeysWithValues: try rows.map {
        (SiteID($0["site"]), try JSONText.decode($0["description"], "the description of a site"))
      })
  }

  /// The pictures of a model on a site's data; `nil` if none were drawn.
  public func panels(of model: String, on site: SiteID) throws -> [Panel]? {
    let panels = try query {
      try Row.fetchAll(
        $0, sql: "SELECT file, caption FROM panel WHERE model = ? AND site = ? ORDER BY position",
        arguments: [model, site.rawValue])
    }.map { Panel(file: $0["file"], caption: $0["caption"]) }
    return panels.isEmpty ? nil : panels
  }

  /// The value saved under a name; `nil` if there is none.
  public func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
    try query { try String.fetchOne($0, sql: "SELECT value FROM note WHERE name = ?", arguments: [name]) }
      .map { try JSONText.decode($0, "the value '\(name)'") }
  }

  /// The names and JSON texts of all written events, oldest first.
  public func events() throws -> [(name: String, event: String)] {
    try query { try Row.fetchAll($0, sql: "SELECT name, event FROM event ORDER BY id") }
      .map { (name: $0["name"], event: $0["event"]) }
  }

  func query<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try RunDatabase.explaining(folder) { try database.read(body) }
  }
}
