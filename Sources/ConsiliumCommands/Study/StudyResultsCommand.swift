import ArgumentParser
import FederatedCore
import FederatedTransport
import Foundation

struct StudyResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results", abstract: "Fetch a finished study's report, models and manifests.")

  @Argument(help: ArgumentHelp("The study's id.", valueName: "id"))
  var id: String

  @OptionGroup var party: PartyInput

  @Option(help: ArgumentHelp("Where to put them.", valueName: "folder"))
  var out: String

  func run() async throws {
    let (id, out) = (id, URL(fileURLWithPath: out, isDirectory: true))
    let console = Console.current
    try await party.withLink { link, _ in
      let client = AdministrationClient(link)
      let results = try await client.results(of: id)
      guard !results.files.isEmpty else {
        throw ConsiliumError(
          .unavailable, "study '\(id)' is \(results.state.rawValue) and has no results yet")
      }
      let store = try BlobStore(out.appending(path: ".transfer"))
      defer { try? FileManager.default.removeItem(at: store.folder) }
      for (path, blob) in results.files {
        guard path.wholeMatch(of: /[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)?/) != nil
        else {
          throw ConsiliumError(.invalidUpdate, "the coordinator sent a file whose name cannot be used")
        }
        let target = out.appending(path: path)
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try await client.fetch(blob, of: id, into: store)
        if FileManager.default.fileExists(atPath: target.path) {
          try FileManager.default.removeItem(at: target)
        }
        try FileManager.default.moveItem(at: store.url(of: blob), to: target)
        console.print(target.path)
      }
    }
  }
}
