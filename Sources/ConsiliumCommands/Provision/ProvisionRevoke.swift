import ArgumentParser
import Credentials
import Foundation
import Provisioning

struct ProvisionRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Revoke a member's certificates, at the authority.",
    discussion: """
      Copy the new list, revoked.json, into the folder of the coordinator's identity and, if the \
      certificate is the coordinator's own, of every site's. A certificate that was 'replaced', or whose holder has 'left', \
      still vouches for what it signed before; a 'compromised' one vouches for nothing, and neither does any other for its key.
      """)

  @Argument(help: ArgumentHelp("A member (DU or site/DU), or a certificate's serial.", valueName: "who"))
  var target: String

  @Option(help: ArgumentHelp("The authority's folder.", valueName: "dir"))
  var authority: String

  @Option(help: ArgumentHelp("compromised, replaced or left.", valueName: "reason"))
  var reason = RevocationList.Reason.compromised

  @OptionGroup var passphrase: PassphraseInput

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let folder = try AuthorityFolder.opened(authority)
    let (list, revoked) = try folder.revoke(
      target, reason: reason, passphrase: passphrase.read(), now: Date())
    for entry in revoked {
      Console.current.print(
        json
          ? JSONLine.encode(Revoked(entry, version: list.version))
          : "revoked \(entry.serial) of \(entry.party) (\(entry.reason.rawValue))")
    }
    guard !json else { return }
    let file = folder.url.appending(path: "revoked.json").path(percentEncoded: false)
    let isServer = revoked.contains { $0.party.role.isServer }
    Console.current.print(
      "version \(list.version) of the list is in \(file); copy it to the coordinator and the anchors"
        + (isServer ? " and to every site" : ""))
  }
}

/// One line of `provision revoke --json`.
private struct Revoked: Encodable {
  var event = "revoked"
  var party: String
  var serial: String
  var reason: String
  var date: String
  var version: Int

  init(_ entry: RevocationList.Entry, version: Int) {
    (party, serial, reason) = (entry.party.description, entry.serial, entry.reason.rawValue)
    date = entry.date.formatted(.iso8601)
    self.version = version
  }
}
