import ArgumentParser
import Foundation
import StudyProtocol

struct StudyValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Say all that is wrong with a study file, with line and column.")

  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var path: String

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() throws {
    let study = try Study(file: URL(fileURLWithPath: path))
    let valid = ValidStudy(
      file: path, name: study.header.name, version: study.header.version, digest: try study.digest())
    Console.current.print(
      json ? JSONLine.encode(valid) : "\(path): \(valid.name) version \(valid.version) is valid")
  }
}

/// What `study validate` and `study digest` print with `--json`.
struct ValidStudy: Encodable {
  var file: String
  var name: String
  var version: Int
  var digest: String
}
