import ArgumentParser
import Credentials
import FederatedCore
import Foundation
import StudyAgreement

struct ModelVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that a model is the one that the sites and the coordinator signed.",
    discussion: """
      Reads MODEL.manifest.json next to each model: the agreement, the signed manifest of every round, and the coordinator's \
      conclusion. In a run folder, every file of the folder 'models' must be accounted for. Works offline. Exit status: 0 \
      genuine, 2 not genuine, 3 genuine, but something that the study requires is missing: a site in a round, rounds at \
      the end, or a model.
      """)

  @Argument(help: ArgumentHelp("A model (safetensors), or a run folder.", valueName: "model-or-run"))
  var path: String

  @OptionGroup var authority: AuthorityOption

  @Flag(help: "Print one JSON object per model.")
  var json = false

  func validate() throws {
    if authority.authority == nil {
      throw ValidationError("--authority is required: signatures are checked against its certificate")
    }
  }

  func run() throws {
    guard let authority = try authority.load() else { return }
    let (results, absent) = try verify(by: authority, at: Date())
    for result in results {
      if json {
        Console.current.print(JSONLine.encode(result))
      } else {
        for line in result.lines { Console.current.print(line.onOneLine) }
      }
    }
    let forged = results.filter { !$0.faults.isEmpty }
    guard forged.isEmpty else {
      throw ConsiliumError(.invalidInput, "not genuine: \(forged.map(\.file).joined(separator: ", "))")
    }
    guard absent.isEmpty else {
      throw ConsiliumError(
        .partial,
        "genuine, but the study has further models that are not here: \(absent.joined(separator: ", "))")
    }
    let partial = results.filter(\.isPartial)
    guard partial.isEmpty else {
      throw ConsiliumError(
        .partial,
        "genuine, but the study was not carried out as it requires: \(partial.map(\.file).joined(separator: ", "))"
      )
    }
  }

  /// Verifies a model, or everything in the models of a run.
  ///
  /// - Returns: The results, and the names of the models that the study also has.
  private func verify(by authority: Authority, at date: Date) throws -> ([VerifiedModel], absent: [String]) {
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      return ([try VerifiedModel(url, authority: authority, at: date)], [])
    }
    let folder = try ModelFolder(url.appending(path: "models"))
    return (try folder.verify(by: authority, at: date), folder.absentModels)
  }
}

extension ManifestFile {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  init(reading url: URL) throws(ConsiliumError) {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw ConsiliumError(
        .invalidInput, "cannot read '\(url.path)'; expected the manifest of a model, which travels with it",
        cause: error)
    }
    try self.init(json: data, file: url.path)
  }
}
