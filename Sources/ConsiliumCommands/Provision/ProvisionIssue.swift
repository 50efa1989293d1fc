import ArgumentParser
import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import Provisioning

struct ProvisionIssue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Certify a member, at the authority.",
    discussion: """
      Ask the member by telephone for the fingerprint, and give it with --fingerprint. This proves that nobody \
      replaced the request in transfer.
      """)

  @Argument(help: ArgumentHelp("The request (request.csr).", valueName: "request"))
  var path: String

  @Option(help: ArgumentHelp("The authority's folder.", valueName: "dir"))
  var authority: String

  @Option(
    help: ArgumentHelp(
      "The certificate file to write; authority.crt is written next to it.", valueName: "file"))
  var out: String

  @Option(help: "The lifetime of the certificate in days.")
  var days = 90

  @Option(help: "A host name at which members reach this coordinator or anchor; may be repeated.")
  var dns: [String] = []

  @Option(help: "An IP address at which members reach this coordinator or anchor; may be repeated.")
  var ip: [String] = []

  @Option(help: "The request's fingerprint, as the member read it out.")
  var fingerprint: String?

  @Flag(help: "Allow the member to change its key.")
  var replace = false

  @OptionGroup var passphrase: PassphraseInput

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let console = Console.current
    let folder = try AuthorityFolder.opened(authority)
    let request = try CertificateRequest(file: URL(fileURLWithPath: path))
    if !json { console.print(question(request)) }
    var terms = AuthorityFolder.Terms()
    (terms.days, terms.fingerprint, terms.replacesKey) = (days, fingerprint, replace)
    terms.addresses = try dns.map { try ServerAddress(dns: $0) } + ip.map { try ServerAddress(ip: $0) }
    let target = URL(fileURLWithPath: out)
    let authorityFile = target.deletingLastPathComponent().appending(path: "authority.crt")
    try checkTargets(target, authorityFile, folder)
    let certificate = try folder.issue(request, terms, passphrase: passphrase.read(), now: Date())
    try AtomicFile.write(Data(folder.chain(certificate).utf8), to: target)
    try AtomicFile.write(Data(folder.authority.pem.utf8), to: authorityFile)
    console.print(
      json ? JSONLine.encode(Issued(certificate, file: out)) : answer(certificate, folder.authority))
  }

  /// Checks the target files before the certificate is issued. A certificate that cannot be written must not
  /// be issued, and a file of another consortium must not be overwritten.
  private func checkTargets(_ target: URL, _ authorityFile: URL, _ folder: AuthorityFolder) throws {
    guard target.lastPathComponent != authorityFile.lastPathComponent else {
      throw ValidationError("--out names the member's certificate; authority.crt is the authority's")
    }
    let parent = target.deletingLastPathComponent().path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: parent) else {
      throw ConsiliumError(.invalidInput, "there is no folder '\(parent)' for the certificate")
    }
    guard let text = try? String(contentsOf: authorityFile, encoding: .utf8) else { return }
    guard (try? Authority(pem: text).fingerprint) == folder.authority.fingerprint else {
      throw ConsiliumError(
        .invalidInput,
        "'\(authorityFile.path(percentEncoded: false))' belongs to another authority; choose another folder for --out"
      )
    }
  }

  private func question(_ request: CertificateRequest) -> String {
    let consortium = request.consortium.map { " in '\($0)'" } ?? ""
    let compared = fingerprint == nil ? " (not compared: no --fingerprint)" : ""
    return """
      \(request.party) requests a certificate\(consortium) as \(request.party.role.rawValue) '\(request.party.name)'
      fingerprint of its request: \(Fingerprint.grouped(request.fingerprint))\(compared)
      """
  }

  private func answer(_ certificate: PeerCertificate, _ authority: Authority) -> String {
    let addresses = certificate.addresses.map(\.description).joined(separator: ", ")
    return """
      issued \(certificate.serial) to \(certificate.party) until \(certificate.notAfter.formatted(.iso8601))\
      \(addresses.isEmpty ? "" : ", for \(addresses)")
      send back \(out); the authority's fingerprint, to read out: \(Fingerprint.grouped(authority.fingerprint))
      """
  }
}

/// The result of `provision issue --json`.
private struct Issued: Encodable {
  var event = "issued"
  var party: String
  var serial: String
  var expires: String
  var addresses: [String]
  var file: String

  init(_ certificate: PeerCertificate, file: String) {
    (party, serial) = (certificate.party.description, certificate.serial)
    expires = certificate.notAfter.formatted(.iso8601)
    addresses = certificate.addresses.map(\.description)
    self.file = file
  }
}
