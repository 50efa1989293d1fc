import ArgumentParser

struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "What a site does with its data before it joins.",
    subcommands: [
      DataCheck.self, DataIndex.self, DataStats.self, DataInspect.self, DataFetch.self, DataPhantom.self,
    ])
}
