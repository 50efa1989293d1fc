import ArgumentParser
import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles
import Reporting

struct StudyResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results", abstract: "Fetch the report, models and manifests of a study that has ended.",
    discussion: """
      Of an aborted or failed study, it fetches the finished part: the models of the last committed rounds, their manifests and a \
      report that is marked incomplete.
      """)

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id"))
  var id: String

  @OptionGroup var party: PartyInput

  @Option(help: ArgumentHelp("The folder for the results.", valueName: "folder"))
  var out: String

  func run() async throws {
    let (id, out) = (id, URL(fileURLWithPath: out, isDirectory: true))
    let console = Console.current
    try await party.withLink { link, _ in
      let client = AdministrationClient(link)
      let results = try await client.results(of: id)
      guard !results.files.isEmpty else {
        throw ConsiliumError(
          .unavailable,
          results.state.hasEnded
            ? "study '\(id)' \(results.state == .aborted ? "was aborted" : "ended") before a round was finished; it has no results"
            : "study '\(id)' is \(results.state.rawValue) and has no results yet")
      }
      if results.state != .finished {
        console.printError(
          "warning: study '\(id)' \(results.state == .aborted ? "was aborted" : "ended without something that it requires"); these "
            + "results are incomplete, and report.html states what is missing")
      }
      let store = try BlobStore(out.appending(path: ".transfer"))
      defer { try? FileManager.default.removeItem(at: store.folder) }
      for (path, blob) in results.files {
        let target = try Self.target(of: path, in: out)
        try OwnerOnly.createFolder(target.deletingLastPathComponent())
        try await client.fetch(blob, of: id, into: store)
        guard rename(store.url(of: blob).path, target.path) == 0 else {
          throw ConsiliumError(.storage, "cannot write '\(target.path)': \(String(cString: strerror(errno)))")
        }
        console.print(target.path)
      }
    }
  }

  /// The destination of a results file.
  ///
  /// - Throws: ``ConsiliumError`` if the name is not the name of a results file, or if the destination exists
  ///   but is not a file. Otherwise a coordinator could choose which of the user's files is replaced.
  static func target(of path: String, in folder: URL) throws(ConsiliumError) -> URL {
    let isTable = Report.fileNames.contains(path)
    let model = /models\/[A-Za-z0-9_-][A-Za-z0-9._-]*\.(safetensors|manifest\.json)/
    guard isTable || path.wholeMatch(of: model) != nil else {
      throw ConsiliumError(
        .invalidUpdate, "the coordinator sent '\(path.prefix(80))', which is not a results file")
    }
    let target = folder.appending(path: path)
    let type = try? FileManager.default.attributesOfItem(atPath: target.path)[.type] as? FileAttributeType
    guard type == nil || type == .typeRegular else {
      throw ConsiliumError(
        .invalidInput,
        "'\(target.path)' exists but is not a file; move it, or choose another folder with --out")
    }
    return target
  }
}
