import ArgumentParser
import FederatedCore
import Foundation
import ParameterFiles
import Reporting

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Show the arms of one or more runs side by side.")

  @Argument(help: ArgumentHelp("Run folders.", valueName: "run"))
  var runs: [String]

  @Option(help: "The metric to compare. (default: the first run's first)")
  var metric: String?

  @Option(help: ArgumentHelp("Also write the comparison with figures to this HTML file.", valueName: "file"))
  var html: String?

  func run() throws {
    let console = Console.current
    let entries = try zip(Self.labels(of: runs), runs).map {
      ComparisonReport.Entry(label: $0, results: try Report(run: $1).results)
    }
    let comparison = try ComparisonReport(entries, metric: metric)
    if let html { try Self.write(comparison.html, to: html) }
    console.write(comparison.text(width: console.width).onItsLines)
  }

  private static func write(_ page: String, to path: String) throws {
    try AtomicFile.write(Data(page.utf8), to: URL(fileURLWithPath: path))
  }

  /// The names of the folders, or their paths if two have the same name.
  static func labels(of runs: [String]) -> [String] {
    let names = runs.map { URL(fileURLWithPath: $0).standardizedFileURL.lastPathComponent }
    return Set(names).count == runs.count ? names : runs
  }
}
