import ArgumentParser

struct StudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "Check, read and name a study protocol.",
    subcommands: [StudyValidate.self, StudyExplain.self, StudyDigest.self])
}
