import ArgumentParser
import Foundation
import StudyProtocol

struct StudyExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explain in plain English what a study asks, of whom, and how it works."
  )

  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var path: String

  func run() throws {
    let console = Console.current
    let study = try Study(file: URL(fileURLWithPath: path))
    console.print(study.explanation().page(width: min(console.width, 100)))
  }
}
