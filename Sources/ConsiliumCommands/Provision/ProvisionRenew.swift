import ArgumentParser
import Credentials
import Foundation
import Provisioning

struct ProvisionRenew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew", abstract: "Create a fresh key, and the request to send to the authority.",
    discussion:
      "The old key and certificate stay in use until 'consilium provision install' has put the new ones in place."
  )

  @Argument(help: ArgumentHelp("The member's folder.", valueName: "dir"))
  var path: String

  @OptionGroup var passphrase: PassphraseInput

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let files = IdentityFolder(URL(fileURLWithPath: path))
    let report = RequestReport(try files.renew(passphrase: passphrase.read()), file: files.request)
    Console.current.print(json ? JSONLine.encode(report) : report.text)
  }
}
