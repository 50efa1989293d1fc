import ArgumentParser

struct SiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "site", abstract: "Run a hospital's agent.",
    subcommands: [SiteRun.self, SitePreflight.self, SitePermitOverlap.self])
}
