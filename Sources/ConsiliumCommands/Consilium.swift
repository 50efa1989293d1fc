import ArgumentParser

/// The root of the command tree.
struct Consilium: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consilium",
    abstract: "Train one medical-imaging model across hospitals while every image stays where it is.",
    discussion: """
      A study file (YAML) states the question, the data elements, the model and the federated training; a site \
      file describes each site's data. Start with 'consilium study explain STUDY' and \
      'consilium simulate STUDY --out RUN'.

      Exit status: 0 done, 1 failed, 2 invalid input, 3 partial, 130 stopped by Ctrl-C.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Running a study:",
        subcommands: [
          Simulate.self, Compare.self, ReportCommand.self, ModelCommand.self,
        ]),
      CommandGroup(name: "Before it runs:", subcommands: [StudyCommand.self, DataCommand.self]),
      CommandGroup(
        name: "Across hospitals:",
        subcommands: [
          CoordinatorCommand.self, AnchorCommand.self, SiteCommand.self, ProvisionCommand.self,
          PolicyCommand.self, AuditCommand.self,
        ]),
    ])
}
