import ArgumentParser
import Credentials
import Foundation
import Provisioning

struct ProvisionInit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Create a consortium's authority, which certifies its members.",
    discussion: "Keep the folder on a machine that nobody else uses, and a copy of it in a safe.")

  @Option(help: "The consortium's name.")
  var consortium: String

  @Option(help: ArgumentHelp("The folder to create.", valueName: "dir"))
  var out: String

  @Option(help: "The lifetime of the authority in years.")
  var years = 10

  @OptionGroup var passphrase: PassphraseInput

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let folder = try AuthorityFolder.create(
      consortium: consortium, at: URL(fileURLWithPath: out), years: years, passphrase: passphrase.read(),
      now: Date())
    Console.current.print(
      json ? JSONLine.encode(MadeAuthority(folder)) : text(folder.authority))
  }

  private func text(_ authority: Authority) -> String {
    """
    '\(out)' is the authority of '\(authority.consortium)' until \(authority.notAfter.formatted(.iso8601.year().month().day()))
    its fingerprint, to read out to members: \(Fingerprint.grouped(authority.fingerprint))
    the consortium's trust depends on authority.key: it must never leave this folder, except into a safe
    """
  }
}

/// The result of `provision init --json`.
private struct MadeAuthority: Encodable {
  var event = "authority"
  var consortium: String
  var folder: String
  var fingerprint: String
  var expires: String

  init(_ folder: AuthorityFolder) {
    (consortium, fingerprint) = (folder.authority.consortium, folder.authority.fingerprint)
    self.folder = folder.url.path(percentEncoded: false)
    expires = folder.authority.notAfter.formatted(.iso8601)
  }
}
