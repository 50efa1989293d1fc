import Credentials
import FederatedCore
import Foundation

/// An issued certificate and its state.
package struct IssuedCertificate: Sendable, Equatable {
  package enum State: String, Sendable, Codable { case valid, expiring, expired, revoked }

  package var party: Party
  package var serial: String
  package var issued: Date
  package var expires: Date
  package var state: State
  package var revocation: RevocationList.Entry?
}

extension AuthorityFolder {
  /// The remaining lifetime below which a certificate is listed as expiring soon.
  package static let notice: TimeInterval = 14 * 86_400

  /// All certificates ever issued, sorted by party and time of issue.
  package func list(now: Date) throws(ConsiliumError) -> [IssuedCertificate] {
    let certificates = try register().entries.map { entry in
      let revocation = authority.revocations?[entry.serial]
      let state: IssuedCertificate.State =
        if revocation != nil {
          .revoked
        } else if entry.expires < now {
          .expired
        } else if entry.expires < now.addingTimeInterval(Self.notice) {
          .expiring
        } else {
          .valid
        }
      return IssuedCertificate(
        party: entry.party, serial: entry.serial, issued: entry.issued, expires: entry.expires, state: state,
        revocation: revocation)
    }
    return certificates.sorted { ($0.party.description, $0.issued) < ($1.party.description, $1.issued) }
  }
}
