import ArgumentParser

struct CoordinatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator", abstract: "Run the central server of a consortium.",
    subcommands: [CoordinatorRun.self, CoordinatorToken.self])
}
