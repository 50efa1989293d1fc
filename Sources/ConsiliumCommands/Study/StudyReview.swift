import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol
import WorkerProtocol

struct StudyReview: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Read a proposed study: what it asks, what would leave the site, whether the data fit.",
    discussion: """
      Prints the protocol in plain English, what this site's policy says to it, what would leave the site, and, with a site \
      file, the check of this site's data. Signs nothing.
      """)

  @OptionGroup var input: StudyDecisionInput

  @Option(
    help: ArgumentHelp("The site file, to check this site's data too.", valueName: "file"))
  var siteFile: String?

  @Option(
    help: ArgumentHelp("The folder of the data. (default: the site file's folder)", valueName: "folder"))
  var data: String?

  @OptionGroup var engine: EngineInput

  func run() async throws {
    let console = Console.current
    let offer = try await input.withOffer { offer, _ in offer }
    console.print(offer.study.explanation().page(width: min(console.width, 100)))
    console.print("\nProposed by \(offer.proposal.lead); SHA-256 of the protocol: \(offer.proposal.digest)")
    let statement = offer.proposal.statement
    console.print("Asked: \(list(statement.invited)). Needed: \(list(statement.required)).")
    console.print("\n" + Self.leaving)
    let objections = try input.agent.sitePolicy().objections(to: offer.study, lead: offer.proposal.lead.name)
    console.print(
      objections.isEmpty
        ? "\nThis site's policy has nothing against it."
        : "\nThis site's policy:\n" + objections.map { "  \($0.description)" }.joined(separator: "\n"))
    if let siteFile { try await checkData(siteFile, offer, console) }
    console.print(
      "\nThen: consilium study sign \(input.id) --site-file FILE, or consilium study decline \(input.id) --reason TEXT"
    )
  }

  private func list(_ sites: [SiteID]) -> String { sites.map(\.rawValue).joined(separator: ", ") }

  private func checkData(_ siteFile: String, _ offer: StudyDecisionInput.Offer, _ console: Console)
    async throws
  {
    var source = SiteDataInput()
    (source.siteFile, source.data) = (siteFile, data)
    let check = try await source.check(offer.study, site: offer.site, engine: engine)
    console.print("\n" + check.text)
    guard check.isPassed else {
      throw ConsiliumError(.invalidInput, "this site's data do not keep to the study's common data elements")
    }
  }

  static let leaving = """
    What would leave the site: in each round the change of the model's parameters, the number of training examples, the mean \
    loss and the time it took; metrics over all of the site's validation and test patients; the counts of patients in each part. \
    Never an image, a table's row or an identifier. The change of a model can still tell something about the data it was made \
    from.
    """
}

extension SiteDataInput {
  /// Reads all of the site's data as training would.
  func check(_ study: Study, site: SiteID, engine: EngineInput) async throws -> SiteCheck {
    let session = OpenSession(
      session: site.rawValue, study: try study.canonicalJSON(),
      sites: [try definition(of: site, for: study).canonicalJSON()], dataRoot: dataRoot.path,
      seed: study.header.seed, cacheBytes: 0)
    return try await engine.withEngine { SiteCheck(site: site, try await $0.open(session)) }
  }
}
