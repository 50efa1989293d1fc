import ArgumentParser
import Credentials
import Foundation
import Provisioning

struct ProvisionInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Install the certificate from the authority.",
    discussion: """
      The first time, compare the authority's fingerprint by telephone: the member will trust this authority. A renewal can be \
      installed while the coordinator or the site runs.
      """)

  @Argument(help: ArgumentHelp("The certificate from the authority.", valueName: "certificate"))
  var path: String

  @Option(help: ArgumentHelp("The folder that contains the key.", valueName: "dir"))
  var to: String

  @Option(
    help: ArgumentHelp(
      "The authority's certificate, if the member's file does not contain it.", valueName: "file"))
  var authority: String?

  @Option(help: "The authority's fingerprint, as it was read out.")
  var authorityFingerprint: String?

  @OptionGroup var passphrase: PassphraseInput

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let identity = try IdentityFolder(URL(fileURLWithPath: to)).install(
      chain: SmallFile.text(URL(fileURLWithPath: path), what: "a certificate"),
      authorityPEM: authority.map {
        try SmallFile.text(URL(fileURLWithPath: $0), what: "the authority's certificate")
      },
      fingerprint: authorityFingerprint, passphrase: passphrase.read(), now: Date())
    let result = Installed(identity, folder: to)
    Console.current.print(
      json ? JSONLine.encode(result) : result.text(isCompared: authorityFingerprint != nil))
  }
}

/// The result of `provision install --json`.
private struct Installed: Encodable {
  var event = "installed"
  var party: String
  var consortium: String
  var serial: String
  var expires: String
  var authority: String
  var folder: String

  init(_ identity: Identity, folder: String) {
    (party, consortium) = (identity.party.description, identity.authority.consortium)
    (serial, authority) = (identity.certificate.serial, identity.authority.fingerprint)
    expires = identity.certificate.notAfter.formatted(.iso8601)
    self.folder = folder
  }

  func text(isCompared: Bool) -> String {
    let advice = isCompared ? "" : " (compare it by telephone)"
    return """
      '\(folder)' is \(party) of '\(consortium)' until \(expires)
      it trusts the authority with the fingerprint \(Fingerprint.grouped(authority))\(advice)
      """
  }
}
