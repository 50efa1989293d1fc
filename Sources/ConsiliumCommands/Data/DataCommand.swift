import ArgumentParser

struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Check, count and describe a site's data before it joins.",
    subcommands: [
      DataCheck.self, DataIndex.self, DataStats.self, DataInspect.self, DataFetch.self, DataPhantom.self,
    ])
}
