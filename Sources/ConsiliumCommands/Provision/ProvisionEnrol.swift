import ArgumentParser
import Credentials
import Foundation
import Provisioning

struct ProvisionEnrol: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enrol", abstract: "Create a key for a member, and the request to send to the authority.",
    discussion: "Run it on the member's own machine: the key stays in the folder, only request.csr is sent.")

  @Option(help: ArgumentHelp("\(Role.list).", valueName: "role"))
  var role: Role

  @Option(
    help:
      "The member's name; for a site, the name that studies use. People may use their own names: 'Anna Müller'."
  )
  var name: String

  @Option(help: ArgumentHelp("The folder to create.", valueName: "dir"))
  var out: String

  @Option(help: "The consortium's name, if the authority should check it.")
  var consortium: String?

  @OptionGroup var passphrase: PassphraseInput

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let files = IdentityFolder(URL(fileURLWithPath: out))
    let request = try files.enrol(
      Party(role, checking: name), consortium: consortium, passphrase: passphrase.read())
    let report = RequestReport(request, file: files.request)
    Console.current.print(json ? JSONLine.encode(report) : report.text)
  }
}

/// The output of `provision enrol` and `provision renew`.
struct RequestReport: Encodable {
  var event = "request"
  var party: String
  var file: String
  var fingerprint: String

  init(_ request: CertificateRequest, file: URL) {
    (party, fingerprint) = (request.party.description, request.fingerprint)
    self.file = file.path(percentEncoded: false)
  }

  var text: String {
    """
    send \(file) to the authority (\(party) asks for a certificate; the key stays here)
    its fingerprint, to read out by telephone: \(Fingerprint.grouped(fingerprint))
    when the certificate comes back: consilium provision install CERTIFICATE --to \
    \(URL(fileURLWithPath: file).deletingLastPathComponent().path.shellQuoted)
    """
  }
}
