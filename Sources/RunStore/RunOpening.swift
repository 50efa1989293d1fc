import FederatedCore
import Foundation
import GRDB
import ParameterFiles

/// The steps that check whether a folder belongs to a run, and that begin a new run in it.
enum RunOpening {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the folder contains files that do not belong
  ///   to a run.
  static func checkContents(of folder: RunFolder) throws {
    let path = folder.url.path(percentEncoded: false)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else {
      throw ConsiliumError(.invalidInput, "'\(path)' is a file; a run needs a folder of its own")
    }
    let names = try explaining(path, "read") { try FileManager.default.contentsOfDirectory(atPath: path) }
    let stranger = names.sorted().first {
      !RunFolder.namesBeforeTheRun.contains($0) && !$0.hasSuffix(".part")
    }
    guard let stranger, !names.contains("run.sqlite") else { return }
    throw ConsiliumError(
      .invalidInput,
      "'\(path)' is not a run folder: it holds '\(stranger)'; choose a new or an empty folder")
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput`, naming the differences.
  static func check(
    _ found: RunIdentity, in folder: RunFolder, against wanted: RunIdentity, resume: Bool, trains: Bool
  ) throws {
    let path = folder.url.path(percentEncoded: false)
    guard !found.hasOtherRules || !trains else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' holds a run of another version of this program, which splits the data differently; it cannot "
          + "be resumed. Its report stays readable, and that version can finish it. To train with this version, choose "
          + "another folder")
    }
    let differences = found.differences(from: wanted)
    guard differences.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' holds another run: in it " + differences.joined(separator: "; ")
          + ". Repeat the command that made it, or choose another folder")
    }
    guard resume else {
      throw ConsiliumError(
        .invalidInput, "'\(path)' already holds this run; resume it with --resume, or choose another folder")
    }
  }

  /// Writes a new run to its folder. The row in the database is written last; only then does the run exist.
  static func begin(_ run: RunDefinition, in folder: RunFolder, database: DatabaseQueue) throws {
    try AtomicFile.write(Data(run.studyText.utf8), to: folder.studyText)
    try AtomicFile.write(Data((run.canonicalStudy + "\n").utf8), to: folder.study)
    let sites = "[" + run.canonicalSites.joined(separator: ",\n") + "]\n"
    try AtomicFile.write(Data(sites.utf8), to: folder.sites)
    try RunDatabase.explaining(folder) {
      try database.write { database in
        try database.execute(
          sql: "INSERT INTO run (id, identity, started) VALUES (1, ?, ?)",
          arguments: [try JSONText.encode(run.identity), Date().formatted(.iso8601)])
      }
    }
  }

  static func make(_ folders: [URL]) throws {
    for folder in folders {
      try DurableFolder.create(folder)
    }
  }

  /// Runs `body` on a file or folder and converts its errors to a ``ConsiliumError``.
  static func explaining<Result>(_ path: String, _ verb: String, _ body: () throws -> Result) throws -> Result
  {
    do {
      return try body()
    } catch let error as CocoaError {
      throw ConsiliumError(
        .storage, "cannot \(verb) '\(path)': \(error.localizedDescription)", cause: error)
    }
  }
}
