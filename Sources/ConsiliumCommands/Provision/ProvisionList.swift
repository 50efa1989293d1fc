import ArgumentParser
import Credentials
import Foundation
import Provisioning

struct ProvisionList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List all certificates, their expiry, and revocations.")

  @Option(help: ArgumentHelp("The authority's folder.", valueName: "dir"))
  var authority: String

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() throws {
    let certificates = try AuthorityFolder.opened(authority).list(now: Date())
    if json {
      certificates.forEach { Console.current.print(JSONLine.encode(Listed($0))) }
    } else if certificates.isEmpty {
      Console.current.print("no certificate has been issued yet")
    } else {
      let rows = certificates.map {
        [$0.party.description, $0.serial, $0.issued.day, $0.expires.day, state(of: $0)]
      }
      Console.current.print(AlignedTable.align([["party", "serial", "issued", "expires", "state"]] + rows))
    }
  }

  private func state(of certificate: IssuedCertificate) -> String {
    switch certificate.state {
    case .valid: "valid"
    case .expiring: "valid, expires within 14 days"
    case .expired: "expired"
    case .revoked:
      certificate.revocation.map { "revoked \($0.date.day) (\($0.reason.rawValue))" } ?? "revoked"
    }
  }
}

extension Date {
  fileprivate var day: String { formatted(.iso8601.year().month().day()) }
}

/// One line of `provision list --json`.
private struct Listed: Encodable {
  var event = "certificate"
  var party: String
  var serial: String
  var issued: String
  var expires: String
  var state: String
  var revoked: String?
  var reason: String?

  init(_ certificate: IssuedCertificate) {
    (party, serial) = (certificate.party.description, certificate.serial)
    (issued, expires) = (certificate.issued.formatted(.iso8601), certificate.expires.formatted(.iso8601))
    state = certificate.state.rawValue
    revoked = certificate.revocation?.date.formatted(.iso8601)
    reason = certificate.revocation?.reason.rawValue
  }
}
