import ArgumentParser
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import SiteAgent
import StudyAgreement
import StudyProtocol

/// The arguments of the commands with which a site reviews a study and decides on it.
struct StudyDecisionInput: ParsableArguments {
  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id"))
  var id: String

  @OptionGroup var party: PartyInput

  @OptionGroup var agent: AgentInput

  /// A study as the coordinator offers it to this site.
  struct Offer: Sendable {
    var proposal: StudyProposal
    var study: Study
    var identity: Identity
    var site: SiteID { SiteID(identity.party.name) }
  }

  /// The conflicts of this site's policy with the study and, if a check of the site's data is given, with the
  /// data.
  func objections(to offer: Offer, after check: SiteCheckOutput? = nil) throws -> [PolicyObjection] {
    try agent.sitePolicy().objections(
      to: offer.study, lead: offer.proposal.lead.name,
      otherStudies: agent.agentFolder().otherStudies(than: id),
      patients: check?.parts.patients ?? [:])
  }

  /// Fetches and verifies the proposal, and passes it to `body` with a connection to the coordinator.
  ///
  /// - Parameter isTrained: `true` to refuse a study that this version cannot train; `false` to decline any
  ///   study.
  func withOffer<R: Sendable>(
    isTrained: Bool = true, _ body: @escaping @Sendable (Offer, CoordinatorClient) async throws -> R
  ) async throws -> R {
    let (id, process) = (id, try agent.agentFolder().process())
    return try await party.withLink { link, identity in
      let client = CoordinatorClient(link, process: process)
      let notices = try await client.studies(known: 0)
      guard let notice = notices.studies.first(where: { $0.study == id }) else {
        let known = notices.studies.map(\.study).joined(separator: ", ").onOneLine
        throw ConsiliumError(
          .invalidInput,
          "the coordinator has no study '\(id)' for this site; it has \(known.isEmpty ? "none" : known)")
      }
      let proposal: StudyProposal = try WireJSON.decode(notice.proposal, "the proposal")
      let signed = try proposal.verifySignature(by: identity.authority, at: Date())
      if isTrained, let faults = signed.faults { throw faults }
      let study = signed.study
      return try await body(Offer(proposal: proposal, study: study, identity: identity), client)
    }
  }
}

/// The arguments that describe a site's data for a study.
struct SiteDataInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The site file: how local columns, folders and codes map to the study's elements.", valueName: "file"))
  var siteFile: String

  @Option(
    help: ArgumentHelp("The folder of the data. (default: the site file's folder)", valueName: "folder"))
  var data: String?

  @Flag(help: "Show the values that cause the findings; for this terminal only.")
  var showValues = false

  var dataRoot: URL {
    data.map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? URL(fileURLWithPath: siteFile).deletingLastPathComponent()
  }

  /// - Throws: `StudyDiagnostics` if the file is invalid, ``ConsiliumError`` if it belongs to another site.
  func definition(of site: SiteID, for study: Study) throws -> SiteDefinition {
    let file = try SiteFile(file: URL(fileURLWithPath: siteFile), study: study, hasAllSites: false)
    return try file.site(site, dataRoot: dataRoot)
  }
}
