import ArgumentParser
import FederatedCore
import FederatedTransport
import Foundation
import SiteAgent
import StudyAgreement

struct StudyDecline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Decline a study for this site, or withdraw from it.")

  @OptionGroup var input: StudyDecisionInput

  @Option(help: ArgumentHelp("The reason; the study lead and the other sites see it.", valueName: "text"))
  var reason: String

  func run() async throws {
    let (id, reason) = (input.id, reason)
    let folder = try input.agent.agentFolder()
    let policy = try input.agent.sitePolicy().digest()
    try await folder.withdraw(from: id) {
      try await input.withOffer(isTrained: false) { offer, client in
        let statement = try DecisionStatement.declined(
          offer.proposal, site: offer.site, revision: try folder.nextRevision(id), reason: reason,
          policy: policy, data: "")
        try await offer.decide(statement, about: id, client, in: folder)
      }
    }
    Console.current.print("declined \(id)")
  }
}

extension AgentFolder {
  /// Ends the site's part in a study, whatever the coordinator answers. The site's staff have the last word
  /// on that.
  func withdraw(from study: String, declining: () async throws -> Void) async throws {
    do {
      try await declining()
    } catch let error as ConsiliumError {
      try removeAgreement(study)
      guard error.leavesOutcomeOpen else { throw error }
      throw ConsiliumError(
        error.code,
        "\(error.message); this site's agent has stopped taking part anyway. Run the command again to tell the "
          + "coordinator", cause: error.cause)
    }
    try removeAgreement(study)
  }
}
