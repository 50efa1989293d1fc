import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Check and explain a site's rules, which bind every study.",
    subcommands: [PolicyCheck.self, PolicyExplain.self])
}
