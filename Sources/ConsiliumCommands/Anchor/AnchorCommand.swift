import ArgumentParser

struct AnchorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anchor", abstract: "Keep the register and the relay of a swarm.",
    subcommands: [AnchorRun.self])
}
