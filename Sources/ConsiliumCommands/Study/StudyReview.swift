import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol
import WorkerProtocol

struct StudyReview: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Review a proposed study: what it asks, what would leave the site, whether the data match it.",
    discussion: """
      Prints the protocol in plain English, the policy's objections, what would leave the site and, with a site \
      file, the check of this site's data. Signs nothing.
      """)

  @OptionGroup var input: StudyDecisionInput

  @Option(
    help: ArgumentHelp("The site file, to check this site's data too.", valueName: "file"))
  var siteFile: String?

  @Option(
    help: ArgumentHelp("The folder of the data. (default: the site file's folder)", valueName: "folder"))
  var data: String?

  @Flag(help: "Show the values that cause the findings; for this terminal only.")
  var showValues = false

  @OptionGroup var engine: EngineInput

  func run() async throws {
    let console = Console.current
    let offer = try await input.withOffer { offer, _ in offer }
    let width = min(console.width, 100)
    console.print(offer.study.explanation().page(width: width))
    console.print(
      "\n" + "Proposed by \(offer.proposal.lead); SHA-256 of the protocol: \(offer.proposal.digest)".onOneLine
    )
    let statement = offer.proposal.statement
    if let weights = statement.initialModel {
      console.print("Initial weights: a file that the study lead sends, with the digest \(weights)".onOneLine)
    }
    console.print("Invited: \(list(statement.invited)). Required: \(list(statement.required)).".onOneLine)
    console.print("\n" + (try input.agent.sitePolicy().leaving(offer.study).page(width: width)))
    let check = try await check(offer)
    let objections = try input.objections(to: offer, after: check)
    console.print(
      objections.isEmpty
        ? "\nThis site's policy has no objections."
        : "\nThis site's policy:\n"
          + objections.map { "  \($0)" }.joined(separator: "\n"))
    if let check {
      console.print("\n" + check.text)
      guard check.isPassed else {
        throw ConsiliumError(
          .invalidInput, "this site's data do not comply with the study's common data elements")
      }
    }
    console.print(
      "\nThen: consilium study sign \(input.id) --site-file FILE, or consilium study decline \(input.id) --reason TEXT"
    )
  }

  private func list(_ sites: [SiteID]) -> String { sites.map(\.rawValue).joined(separator: ", ") }

  /// Checks this site's data, if a site file is given.
  private func check(_ offer: StudyDecisionInput.Offer) async throws -> SiteCheckOutput? {
    guard let siteFile else { return nil }
    var source = SiteDataInput()
    (source.siteFile, source.data, source.showValues) = (siteFile, data, showValues)
    return try await source.check(offer.study, site: offer.site, engine: engine)
  }
}

extension SiteDataInput {
  /// Reads all of the site's data in the same way as training would.
  func check(_ study: Study, site: SiteID, engine: EngineInput) async throws -> SiteCheckOutput {
    let session = OpenSession(
      session: site.rawValue, study: try study.canonicalJSON(),
      sites: [try definition(of: site, for: study).canonicalJSON()], dataRoot: dataRoot.path,
      seed: study.header.seed, cacheBytes: 0, showsValues: showValues, showsFacts: true)
    return try await engine.withEngine { SiteCheckOutput(site: site, try await $0.check(session)) }
  }
}
