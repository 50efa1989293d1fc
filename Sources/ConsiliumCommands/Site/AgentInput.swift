import ArgumentParser
import FederatedCore
import Foundation
import SiteAgent
import StudyProtocol

/// The arguments that name an agent's folder and the site's policy.
struct AgentInput: ParsableArguments {
  @Option(help: ArgumentHelp("The folder in which the agent keeps its files.", valueName: "folder"))
  var folder = "site"

  @Option(
    help: ArgumentHelp(
      "The site's policy file. (default: policy.yaml in the agent's folder, otherwise the default policy; see 'consilium policy explain')",
      valueName: "file"))
  var policy: String?

  var url: URL { URL(fileURLWithPath: folder, isDirectory: true) }

  func agentFolder() throws -> AgentFolder { try AgentFolder(url) }

  func sitePolicy() throws -> SitePolicy {
    if let policy { return try SitePolicy(file: URL(fileURLWithPath: policy)) }
    let file = url.appending(path: "policy.yaml")
    return FileManager.default.fileExists(atPath: file.path) ? try SitePolicy(file: file) : SitePolicy()
  }
}
