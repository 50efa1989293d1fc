import ArgumentParser
import Credentials
import FederatedCore
import Foundation

/// The arguments that name the consortium's authority for offline verification.
struct AuthorityOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("The certificate of the consortium's authority (authority.crt).", valueName: "file"))
  var authority: String?

  @Option(
    help: ArgumentHelp(
      "The authority's list of revoked certificates (revoked.json); requires --authority.", valueName: "file"
    ))
  var revoked: String?

  func validate() throws {
    if revoked != nil, authority == nil { throw ValidationError("--revoked requires --authority") }
  }

  /// Loads the authority; `nil` if none was named.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a file does not have the content that its
  ///   option requires.
  func load() throws -> Authority? {
    guard let authority else { return nil }
    let list = try revoked.map { try RevocationList.load(from: URL(fileURLWithPath: $0)) }
    let pem = try SmallFile.text(URL(fileURLWithPath: authority), what: "the certificate of an authority")
    return try Authority(pem: pem, revocations: list)
  }
}
