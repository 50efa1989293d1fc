import ArgumentParser
import FederatedCore
import Foundation

struct DataFetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Download an open data set (MedMNIST) and check its digest.",
    discussion: "An interrupted download is resumed. If the file is already complete, nothing is downloaded.")

  @Argument(help: "The data set, for example pneumoniamnist.")
  var name: String?

  @Flag(help: "List the available data sets.")
  var list = false

  @Option(help: "The images' side length in pixels: 28, 64, 128 or 224.")
  var size = 28

  @Option(
    help: ArgumentHelp(
      "The folder for the file. (default: $CONSILIUM_DATA, otherwise data)", valueName: "dir"))
  var to: String?

  @Option(help: ArgumentHelp("The address of the folder that contains the files.", valueName: "url"))
  var from = MedMNIST.publishedAt

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() async throws {
    let console = Console.current
    guard !list else {
      return MedMNIST.all.forEach { console.print(json ? JSONLine.encode(Listing($0)) : $0.line) }
    }
    guard let name else { throw ValidationError("name a data set, or list them with --list") }
    let set = try MedMNIST.named(name)
    let file = try set.file(size: size)
    let download = try makeDownload(of: file, in: console)
    let display = DownloadDisplay(console: console, name: file.name, isQuiet: json)
    let outcome = try await stoppable(announce: { display.announceStop() }) {
      try await download.run { display.show($0) }
    }
    display.end()
    console.print(
      json
        ? JSONLine.encode(Fetched(file: download.destination.path, outcome: outcome))
        : ending(of: set, download, outcome))
  }

  private func makeDownload(of file: (name: String, digest: FileDigest), in console: Console) throws
    -> Download
  {
    guard let base = URL(string: from), ["http", "https"].contains(base.scheme), base.host != nil else {
      throw ValidationError("--from must be an address such as \(MedMNIST.publishedAt)")
    }
    let folder = to ?? console.environment["CONSILIUM_DATA"] ?? "data"
    return Download(
      source: base.appendingPathComponent(file.name),
      destination: URL(fileURLWithPath: folder).appendingPathComponent(file.name), digest: file.digest)
  }

  private func ending(of set: MedMNIST, _ download: Download, _ outcome: Download.Outcome) -> String {
    switch outcome {
    case .fetched: "fetched \(download.destination.path) (\(download.digest), licence \(set.licence))"
    case .alreadyThere: "\(download.destination.path) already exists, with the published digest"
    }
  }
}

/// The result of `data fetch --json`.
private struct Fetched: Encodable {
  var event = "fetched"
  var file: String
  var alreadyThere: Bool

  init(file: String, outcome: Download.Outcome) {
    self.file = file
    alreadyThere = outcome == .alreadyThere
  }
}

/// One line of `data fetch --list --json`.
private struct Listing: Encodable {
  var name: String
  var task: String
  var images: Int
  var sizes: [Int]
  var licence: String

  init(_ set: MedMNIST) {
    (name, task, images, sizes, licence) = (set.name, set.task, set.images, set.sizes, set.licence)
  }
}

extension MedMNIST {
  fileprivate var line: String {
    let sizes = sizes.map(String.init).joined(separator: ", ")
    return name.rightPadded(to: 16)
      + String(images).leftPadded(to: 7) + " images  " + task.rightPadded(to: 20)
      + licence.rightPadded(to: 14) + "sizes \(sizes)"
  }
}
