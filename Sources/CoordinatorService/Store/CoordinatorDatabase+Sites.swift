import Credentials
import FederatedCore
import Foundation
import GRDB

/// A site's data from when it last joined, kept across restarts of the coordinator.
struct KnownSite: Sendable {
  var programVersion: String
  var lastSeen: Date
  /// The certificate; `nil` if it is missing or unreadable, for example because its format is old.
  var certificate: PeerCertificate?
}

extension CoordinatorDatabase {
  /// Stores the data of a site that joined, with its certificate as proof that the authority has certified
  /// it.
  func save(_ site: KnownSite, named name: SiteID) throws {
    try write {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO site (name, programVersion, lastSeen, certificate) VALUES (?, ?, ?, ?)",
        arguments: [
          name.rawValue, site.programVersion, site.lastSeen.timeIntervalSince1970,
          site.certificate.map { Data($0.derEncoded) },
        ])
    }
  }

  /// All sites that have ever joined.
  func knownSites() throws -> [SiteID: KnownSite] {
    let rows = try read { try Row.fetchAll($0, sql: "SELECT * FROM site") }
    return Dictionary(
      rows.map { row in
        let der: Data? = row["certificate"]
        return (
          SiteID(row["name"]),
          KnownSite(
            programVersion: row["programVersion"],
            lastSeen: Date(timeIntervalSince1970: row["lastSeen"]),
            certificate: der.flatMap { try? PeerCertificate(derEncoded: Array($0)) })
        )
      }, uniquingKeysWith: { $1 })
  }
}
