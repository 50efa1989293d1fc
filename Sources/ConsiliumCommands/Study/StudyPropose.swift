import ArgumentParser
import CoordinatorService
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import StudyProtocol

struct StudyPropose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a study to sites (for the study lead).",
    discussion: """
      Signs the study with the lead's key and sends it to the coordinator. Nothing trains before all required sites have \
      reviewed and signed it. Prints the study's ID. A site that never joined the coordinator is refused: it may be mistyped, and the \
      study would wait for it forever. If the study names a file of weights (model.initial-weights), its digest is signed and the file \
      is sent too; after an interruption, the same command sends the rest.
      """)

  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var path: String

  @Option(help: ArgumentHelp("The invited sites, separated by commas.", valueName: "names"))
  var sites: String

  @Flag(help: "Also invite sites that have never joined the coordinator.")
  var allowUnknown = false

  @OptionGroup var party: PartyInput

  /// The time that a newly started agent may need to join.
  private static let grace = Duration.seconds(6)

  func run() async throws {
    let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    let file = URL(fileURLWithPath: path)
    let weights = try ProposedWeights(of: try Study(file: file), beside: file)
    defer { weights?.remove() }
    let sites = try InvitedSites(sites)
    let allowUnknown = allowUnknown
    let id = try await party.withLink { link, identity in
      let client = AdministrationClient(link)
      try await Self.check(sites, allowsUnknown: allowUnknown, client)
      let now = Date()
      let proposal = try StudyProposal(
        text: text, invited: sites.names, initialModel: weights?.blob.name, at: now
      ) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) }
      let id = try await client.propose(try WireJSON.encode(proposal))
      if let weights { try await client.send(weights: weights.blob, of: id, from: weights.store) }
      return id
    }
    Console.current.print(id.onOneLine)
  }

  private static func check(
    _ sites: InvitedSites, allowsUnknown: Bool, _ client: AdministrationClient
  ) async throws {
    let deadline = ContinuousClock.now + grace
    while true {
      let status: CoordinatorStatus = try WireJSON.decode(
        try await client.status(of: nil), "the coordinator's status")
      let isWaiting = !allowsUnknown && !sites.unknown(to: status).isEmpty
      guard isWaiting, ContinuousClock.now < deadline else {
        return try sites.check(status, allowsUnknown: allowsUnknown)
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }
}
