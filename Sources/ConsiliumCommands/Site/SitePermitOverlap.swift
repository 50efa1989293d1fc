import ArgumentParser
import Credentials
import FederatedCore
import Foundation
import SiteAgent
import StudyAgreement

struct SitePermitOverlap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "permit-overlap",
    abstract:
      "Let numbers about almost the same patients as in earlier releases leave this site, for one study.",
    discussion: """
      A site that has added or removed a few patients since an earlier release is refused: the difference of two numbers could reveal \
      these few. If that does no harm, the site's staff permit it here, after 'consilium study sign'. The permit names all sets of \
      patients about whom numbers have left so far, is signed with the site's key, and is entered in the site's audit log by the agent \
      before it takes effect. It holds for this study only, and not for patients added or removed later.
      """)

  @Argument(help: ArgumentHelp("The study's ID.", valueName: "id"))
  var id: String

  @Option(
    help: ArgumentHelp("The person who decides; only the site's own audit log names it.", valueName: "name"))
  var by: String

  @Option(help: ArgumentHelp("The reason; only the site's own audit log states it.", valueName: "text"))
  var reason: String

  @Option(
    help: ArgumentHelp(
      "The folder with this site's key and certificate. (default: $CONSILIUM_IDENTITY, otherwise identity)",
      valueName: "folder"))
  var identity: String?

  @Option(help: ArgumentHelp("A file with the passphrase of the key, if it has one.", valueName: "file"))
  var passphraseFile: String?

  @Option(help: ArgumentHelp("The folder in which the agent keeps its files.", valueName: "folder"))
  var folder = "site"

  func run() throws {
    var input = PartyInput()
    (input.identity, input.passphraseFile) = (identity, passphraseFile)
    let identity = try input.loadIdentity()
    guard identity.party.role == .site else {
      throw ConsiliumError(
        .invalidInput, "the identity is that of \(identity.party); only a site can permit this for itself")
    }
    let agent = try AgentFolder(URL(fileURLWithPath: folder, isDirectory: true))
    guard let agreed = try agent.agreement(id) else {
      throw ConsiliumError(
        .invalidInput, "this site has not signed the study '\(id)'; run 'consilium study sign' first")
    }
    let permits = OverlapPermits(agent)
    let statement = try OverlapStatement(
      study: agreed.digest, site: SiteID(identity.party.name), person: by, reason: reason,
      sets: try permits.releasedSets())
    let now = Date()
    let permit = try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) }
    try permits.keep(permit, for: id)
    Console.current.print(
      "permitted for study \(id): numbers about almost the same patients as in \(statement.sets.count) earlier sets; the agent takes "
        + "it up within five minutes")
  }
}
