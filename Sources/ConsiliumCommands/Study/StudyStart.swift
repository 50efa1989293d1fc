import ArgumentParser
import CoordinatorService
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement

struct StudyStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start a study that all required sites have signed (for the study lead).",
    discussion: """
      Signs the start with the lead's key. Every site verifies the signatures of the required sites and this start by itself before it \
      works, and stops at its last day. The command can be run again for a paused study, for example with a later day.
      """)

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id")) var id: String

  @Option(
    help: ArgumentHelp(
      "The last day on which the sites work, such as 2027-12-31. (default: a year from now)",
      valueName: "date"))
  var until: String?

  @OptionGroup var party: PartyInput

  func run() async throws {
    let (id, until) = (id, try until.map(Self.endOfDay))
    let state = try await party.withLink { link, identity in
      let client = AdministrationClient(link)
      let start = try await Self.sign(id, until: until, client, identity)
      return try await client.control(.start, study: id, reason: "", start: start)
    }
    Console.current.print("\(id): \(state.rawValue)")
  }

  /// Signs the start of the study that the coordinator has under this ID.
  ///
  /// - Returns: JSON of the signed start.
  static func sign(_ id: String, until: Date?, _ client: AdministrationClient, _ identity: Identity)
    async throws -> Data
  {
    let status: CoordinatorStatus = try WireJSON.decode(
      try await client.status(of: id), "the coordinator's status")
    // The ID ends with the first digits of the digest.
    guard let study = status.studies.first, let proposal = study.proposal,
      id.hasSuffix("-\(study.digest.prefix(8))")
    else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator does not say which proposal of study '\(id.prefix(80))' would start; install the same version of "
          + "Consilium there")
    }
    let now = Date()
    let statement = StartStatement(study: study.digest, proposal: proposal, time: now, until: until)
    return try WireJSON.encode(
      try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) })
  }

  private static func endOfDay(_ text: String) throws -> Date {
    guard let day = try? Date(text, strategy: .iso8601.year().month().day()), day > Date() else {
      throw ConsiliumError(
        .invalidInput, "'\(text)' is not a day in the future; expected a date such as 2027-12-31")
    }
    return day + 86_400
  }
}
