import ArgumentParser
import Foundation
import StudyProtocol

struct StudyDigest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest", abstract: "Print the SHA-256 that names a study.",
    discussion: "It does not depend on comments, the order of keys and omitted defaults.")

  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var path: String

  func run() throws {
    Console.current.print(try Study(file: URL(fileURLWithPath: path)).digest())
  }
}
