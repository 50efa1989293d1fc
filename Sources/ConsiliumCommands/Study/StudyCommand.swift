import ArgumentParser

struct StudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Check and explain a study protocol; agree on it and run it across hospitals.",
    subcommands: [
      StudyValidate.self, StudyExplain.self, StudyDigest.self, StudyPlanCommand.self,
      StudyStatisticsCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "Across hospitals:",
        subcommands: [
          StudyPropose.self, StudyReview.self, StudySign.self, StudyDecline.self, StudyStart.self,
          StudyPause.self, StudyResume.self, StudyRepeat.self, StudyAbort.self, StudyStatusCommand.self,
          StudyWatch.self,
          StudyResultsCommand.self,
        ])
    ])
}
