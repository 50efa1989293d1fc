import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol

struct PolicyCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Report all errors of a policy file, and its conflicts with a study.",
    discussion: "Exit status: 0 the site takes part, 2 the policy is invalid or refuses the study.")

  @Argument(help: ArgumentHelp("The site's policy file (YAML).", valueName: "policy"))
  var path: String

  @Option(help: ArgumentHelp("A study file to check against the policy.", valueName: "file"))
  var study: String?

  @Option(help: ArgumentHelp("The name of the study lead.", valueName: "name"))
  var lead: String?

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let console = Console.current
    let policy = try SitePolicy(file: URL(fileURLWithPath: path))
    let digest = try policy.digest()
    console.print(
      json
        ? JSONLine.encode(ValidPolicy(file: path, digest: digest))
        : "\(path): the policy is valid, SHA-256 \(digest)")
    guard let study else { return }
    let objections = policy.objections(to: try Study(file: URL(fileURLWithPath: study)), lead: lead)
    for objection in objections { console.print(json ? JSONLine.encode(objection) : objection.description) }
    let reasons = objections.filter { $0.effect == .refuses }.count
    guard reasons == 0 else {
      throw ConsiliumError(
        .invalidInput,
        "the policy refuses the study, for \(reasons == 1 ? "1 reason" : "\(reasons) reasons"); change the study, or the policy if "
          + "the site agrees")
    }
    if !json { console.print("the policy accepts the study") }
  }

  private struct ValidPolicy: Encodable {
    var file: String
    var digest: String
  }
}
