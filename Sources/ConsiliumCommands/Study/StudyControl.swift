import ArgumentParser
import FederatedTransport

/// The common part of the commands that control a study.
protocol StudyControl: AsyncParsableCommand {
  static var action: StudyAction { get }
  var id: String { get }
  var reason: String { get }
  var party: PartyInput { get }
}

extension StudyControl {
  var reason: String { "" }

  func run() async throws {
    let (id, reason) = (id, reason)
    let state = try await party.withLink { link, _ in
      try await AdministrationClient(link).control(Self.action, study: id, reason: reason)
    }
    Console.current.print("\(id): \(state.rawValue)")
  }
}

struct StudyPause: StudyControl {
  static let action = StudyAction.pause
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop a study after the current round; it can be resumed.")

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id")) var id: String
  @Option(help: ArgumentHelp("The reason.", valueName: "text")) var reason = ""
  @OptionGroup var party: PartyInput
}

struct StudyResume: StudyControl {
  static let action = StudyAction.resume
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Resume a paused study.")

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id")) var id: String
  @OptionGroup var party: PartyInput
}

struct StudyRepeat: StudyControl {
  static let action = StudyAction.repeat
  static let configuration = CommandConfiguration(
    commandName: "repeat", abstract: "Resume a study whose coordinator has lost rounds, in a new attempt.",
    discussion: """
      A site answers each question once. A coordinator that was restored from a backup asks the same questions again and gets the same \
      answers; this command is needed only if the sites refuse its questions, because other sites take part than before. The \
      coordinator signs the attempt, every site logs it, and the study limits their number (federation.attempts).
      """)

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id")) var id: String
  @Option(help: ArgumentHelp("The reason; the sites see it.", valueName: "text")) var reason: String
  @OptionGroup var party: PartyInput
}

struct StudyAbort: StudyControl {
  static let action = StudyAction.abort
  static let configuration = CommandConfiguration(
    commandName: "abort", abstract: "End a study permanently; finished rounds are kept.")

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id")) var id: String
  @Option(help: ArgumentHelp("The reason; the sites see it.", valueName: "text")) var reason: String
  @OptionGroup var party: PartyInput
}
