import FederatedCore
import Foundation
import ParameterFiles
import WorkerProtocol

extension RunStore {
  /// Saves the description of a site's data, with its findings.
  public func save(_ description: SessionDescription, of site: SiteID) throws {
    let text = try JSONText.encode(description)
    try write {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO site (site, description) VALUES (?, ?)",
        arguments: [site.rawValue, text])
    }
  }

  /// Saves a model under a name, such as `initial` or `fedavg`, as `models/NAME.safetensors`.
  ///
  /// - Returns: its digest and its file.
  @discardableResult
  public func save(_ model: ModelParameters, named name: String) throws -> StoredModel {
    let stored = StoredModel(
      name: name, digest: ParameterDigest.sha256(of: model), parameterCount: model.count,
      file: folder.model(named: name))
    try ParameterFile.write(model, to: stored.file)
    try write {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO model (name, digest, parameterCount) VALUES (?, ?, ?)",
        arguments: [name, stored.digest, stored.parameterCount])
    }
    return stored
  }

  /// Saves the evaluation of a model on a site's data: one entry of the evaluation matrix.
  ///
  /// - Parameter digest: the model's digest, which distinguishes this entry from the entry of an earlier
  ///   model with the same name.
  public func save(
    _ evaluation: SiteEvaluation, of model: String, digest: String, on site: SiteID, part: DataPart = .test
  ) throws {
    let text = try JSONText.encode(evaluation)
    try write {
      try $0.execute(
        sql: """
          INSERT OR REPLACE INTO evaluation (model, site, part, digest, evaluation) VALUES (?, ?, ?, ?, ?)
          """, arguments: [model, site.rawValue, part.rawValue, digest, text])
    }
  }

  /// Saves the pictures of a model on a site's data, replacing earlier pictures. The image files are in the
  /// folder of panels.
  public func save(_ panels: [Panel], of model: String, on site: SiteID) throws {
    try write { database in
      try database.execute(
        sql: "DELETE FROM panel WHERE model = ? AND site = ?", arguments: [model, site.rawValue])
      for (position, panel) in panels.enumerated() {
        try database.execute(
          sql: "INSERT INTO panel (model, site, position, file, caption) VALUES (?, ?, ?, ?, ?)",
          arguments: [model, site.rawValue, position, panel.file, panel.caption])
      }
    }
  }

  /// Saves any other value of the run under a name, such as its environment.
  public func save(_ value: some Encodable & Sendable, as name: String) throws {
    let text = try JSONText.encode(value)
    try write {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)", arguments: [name, text])
    }
  }
}

/// A finished model of a run.
public struct StoredModel: Sendable, Equatable {
  public var name: String
  /// The SHA-256 of its parameters, in hexadecimal.
  public var digest: String
  public var parameterCount: Int
  public var file: URL

  public init(name: String, digest: String, parameterCount: Int, file: URL) {
    self.name = name
    self.digest = digest
    self.parameterCount = parameterCount
    self.file = file
  }
}
