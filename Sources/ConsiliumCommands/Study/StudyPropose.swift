import ArgumentParser
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import StudyProtocol

struct StudyPropose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a study to sites; only a lead may.",
    discussion: """
      Signs the study with the lead's key and hands it to the coordinator. Nothing trains before all required sites have \
      reviewed and signed it. Prints the study's id.
      """)

  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var path: String

  @Option(help: ArgumentHelp("The sites that are asked, with commas between.", valueName: "names"))
  var sites: String

  @OptionGroup var party: PartyInput

  func run() async throws {
    let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    _ = try Study(file: URL(fileURLWithPath: path))
    let sites = sites.split(separator: ",").map { SiteID(String($0)) }
    let id = try await party.withLink { link, identity in
      let now = Date()
      let proposal = try StudyProposal(text: text, invited: sites, at: now) {
        (data) throws(ConsiliumError) in try identity.sign(data, at: now)
      }
      return try await AdministrationClient(link).propose(try WireJSON.encode(proposal))
    }
    Console.current.print(id.onOneLine)
  }
}
