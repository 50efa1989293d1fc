import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Check and read what a site allows, whatever a study asks.",
    subcommands: [PolicyCheck.self, PolicyExplain.self])
}
