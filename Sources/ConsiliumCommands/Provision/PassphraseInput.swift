import ArgumentParser
import Credentials
import Foundation

/// The argument that names the passphrase of an encrypted private key.
struct PassphraseInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file (mode 600) whose first line is the passphrase of the private key.", valueName: "file"))
  var passphraseFile: String?

  func read() throws -> Passphrase? {
    try passphraseFile.map { try Passphrase(file: URL(fileURLWithPath: $0)) }
  }
}

extension Role: ExpressibleByArgument {}

extension RevocationList.Reason: ExpressibleByArgument {}
