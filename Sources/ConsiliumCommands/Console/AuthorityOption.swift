import ArgumentParser
import Credentials
import FederatedCore
import Foundation

/// The arguments that name the consortium's authority, for what is verified offline.
struct AuthorityOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("The certificate of the consortium's authority (authority.crt).", valueName: "file"))
  var authority: String?

  @Option(
    help: ArgumentHelp(
      "The authority's list of revoked certificates (revoked.json); goes with --authority.", valueName: "file"
    ))
  var revoked: String?

  func validate() throws {
    if revoked != nil, authority == nil { throw ValidationError("--revoked goes with --authority") }
  }

  /// The authority; nil where none was named.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where a file is something else.
  func load() throws -> Authority? {
    guard let authority else { return nil }
    let list = try revoked.map { try RevocationList.load(from: URL(fileURLWithPath: $0)) }
    let pem = try SmallFile.text(URL(fileURLWithPath: authority), what: "the certificate of an authority")
    return try Authority(pem: pem, revocations: list)
  }
}
