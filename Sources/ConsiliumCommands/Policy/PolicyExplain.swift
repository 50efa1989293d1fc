import ArgumentParser
import Foundation
import StudyProtocol

struct PolicyExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explain in plain English what a site's policy allows.")

  @Argument(
    help: ArgumentHelp(
      "The site's policy file (YAML); without one, the default policy is explained.", valueName: "policy"))
  var path: String?

  func run() throws {
    let console = Console.current
    let policy = try path.map { try SitePolicy(file: URL(fileURLWithPath: $0)) } ?? SitePolicy()
    console.print(policy.explanation().page(width: min(console.width, 100)))
  }
}
