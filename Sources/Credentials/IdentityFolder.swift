import FederatedCore
import Foundation

/// The folder in which a party keeps its identity.
package struct IdentityFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  package var key: URL { url.appending(path: "identity.key") }
  /// The private key for a certificate that has been requested but not installed yet.
  package var renewalKey: URL { url.appending(path: "renewal.key") }
  package var certificate: URL { url.appending(path: "identity.crt") }
  package var authority: URL { url.appending(path: "authority.crt") }
  package var request: URL { url.appending(path: "request.csr") }
  package var revocations: URL { url.appending(path: "revoked.json") }

  package func holds(_ file: URL) -> Bool {
    FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
  }

  /// The authority that the folder's owner trusts, with the revocations stored in the folder.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a file is missing or damaged.
  package func trustedAuthority() throws(ConsiliumError) -> Authority {
    let list: RevocationList? =
      if holds(revocations) { try RevocationList.load(from: revocations) } else { nil }
    return try Authority(
      pem: try SmallFile.text(authority, what: "the authority's certificate"), revocations: list)
  }
}
