import Foundation

/// Where a party keeps its identity.
package struct IdentityFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  package var key: URL { url.appending(path: "identity.key") }
  /// A key that waits for its certificate.
  package var renewalKey: URL { url.appending(path: "renewal.key") }
  package var certificate: URL { url.appending(path: "identity.crt") }
  package var authority: URL { url.appending(path: "authority.crt") }
  package var request: URL { url.appending(path: "request.csr") }
  package var revocations: URL { url.appending(path: "revoked.json") }

  package func holds(_ file: URL) -> Bool {
    FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
  }
}
