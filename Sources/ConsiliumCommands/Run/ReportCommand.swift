import ArgumentParser
import Foundation
import Reporting

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Print a run's results and write its report again.",
    discussion:
      "Writes report.html, report.json, rounds.csv, matrix.csv and gains.csv from the contents of the run folder."
  )

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(help: "The metric to print. (default: the study's first)")
  var metric: String?

  @Flag(help: "Print the results as one JSON object instead of a table.")
  var json = false

  func run() throws {
    let console = Console.current
    let report = try Report(run: path)
    let page = try report.write(to: URL(fileURLWithPath: path, isDirectory: true))
    guard !json else { return console.print(String(decoding: try report.json, as: UTF8.self)) }
    console.write(ResultsText.render(report.results, metric: metric, width: console.width))
    console.print("\n\(page.path)")
  }
}
