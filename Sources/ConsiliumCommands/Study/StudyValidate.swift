import ArgumentParser
import Foundation
import StudyProtocol

struct StudyValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Report all errors of a study file, with line and column.")

  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var path: String

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let study = try Study(file: URL(fileURLWithPath: path))
    let valid = ValidStudy(
      file: path, name: study.header.name, version: study.header.version, digest: try study.digest())
    Console.current.print(
      json ? JSONLine.encode(valid) : "\(path): \(valid.name) version \(valid.version) is valid")
  }
}

/// The output of `study validate --json`.
struct ValidStudy: Encodable {
  var file: String
  var name: String
  var version: Int
  var digest: String
}
