import ArgumentParser
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement

struct StudyDecline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Say that this site does not take part, or no longer, and why.")

  @OptionGroup var input: StudyDecisionInput

  @Option(help: ArgumentHelp("Why; the lead and the other sites see it.", valueName: "text"))
  var reason: String

  func run() async throws {
    let (agent, id, reason) = (input.agent, input.id, reason)
    let policy = try agent.sitePolicy().digest()
    try await input.withOffer { offer, client in
      let folder = try agent.agentFolder()
      let statement = try DecisionStatement.declined(
        offer.proposal, site: offer.site, revision: try folder.nextRevision(id), reason: reason,
        policy: policy,
        data: "")
      try folder.removeAgreement(id)
      try await offer.decide(statement, about: id, client, in: folder)
    }
    Console.current.print("declined \(id)")
  }
}
