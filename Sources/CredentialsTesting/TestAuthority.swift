import Credentials
import Crypto
import FederatedCore
import Foundation

/// An authority in memory, with identities of every kind that a peer must accept or refuse.
public struct TestAuthority: Sendable {
  public let certificates: CertificateAuthority

  public var authority: Authority { certificates.authority }

  /// Creates an authority, by default valid from yesterday for ten years.
  public init(
    consortium: String = "test", notBefore: Date = Date(timeIntervalSinceNow: -86_400),
    notAfter: Date = Date(timeIntervalSinceNow: 3650 * 86_400)
  ) throws(ConsiliumError) {
    certificates = try CertificateAuthority(consortium: consortium, notBefore: notBefore, notAfter: notAfter)
  }

  /// Issues an identity, by default valid from an hour ago to tomorrow.
  ///
  /// The identity of a coordinator or an anchor is valid for `localhost`, `127.0.0.1` and `::1`, unless
  /// `addresses` are given.
  public func identity(
    _ role: Role, _ name: String, addresses: [ServerAddress]? = nil,
    notBefore: Date = Date(timeIntervalSinceNow: -3600), notAfter: Date = Date(timeIntervalSinceNow: 86_400)
  ) throws(ConsiliumError) -> Identity {
    let key = P256.Signing.PrivateKey()
    let loopback =
      role.isServer
      ? [
        try ServerAddress(dns: "localhost"), try ServerAddress(ip: "127.0.0.1"), try ServerAddress(ip: "::1"),
      ] : []
    let certificate = try certificates.issue(
      Party(role: role, name: name), publicKey: key.publicKey, addresses: addresses ?? loopback,
      notBefore: notBefore, notAfter: notAfter)
    return try Identity(certificatePEM: certificate.pem, privateKey: key, authority: authority)
  }

  /// Issues an identity that expired an hour ago.
  public func expired(_ role: Role, _ name: String) throws(ConsiliumError) -> Identity {
    try identity(
      role, name, notBefore: Date(timeIntervalSinceNow: -7200), notAfter: Date(timeIntervalSinceNow: -3600))
  }

  /// Issues an identity that becomes valid in an hour.
  public func notYetValid(_ role: Role, _ name: String) throws(ConsiliumError) -> Identity {
    try identity(role, name, notBefore: Date(timeIntervalSinceNow: 3600))
  }

  /// Creates an authority with the same name but another key.
  public func impostor() throws(ConsiliumError) -> TestAuthority {
    try TestAuthority(
      consortium: authority.consortium, notBefore: authority.notBefore, notAfter: authority.notAfter)
  }

  /// Signs a list that revokes the given identities.
  public func revoking(
    _ identities: [Identity], version: Int = 1, reason: RevocationList.Reason = .compromised,
    at date: Date = Date()
  ) throws(ConsiliumError) -> RevocationList {
    try certificates.revocationList(
      version: version, issued: date,
      entries: identities.map { identity in
        RevocationList.Entry(
          serial: identity.certificate.serial, party: identity.party, date: date, reason: reason)
      })
  }
}
