import Crypto
import FederatedCore
import Foundation
import X509

/// The consortium's authority on its own machine: the key that certifies and revokes.
///
/// The authority is a value without files. The folder, and the register of issued certificates, belong to
/// `Provisioning`.
public struct CertificateAuthority: Sendable {
  public let authority: Authority
  package let privateKey: P256.Signing.PrivateKey

  /// Creates an authority with a new key.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `consortium` is not a valid name.
  public init(consortium: String, notBefore: Date, notAfter: Date) throws(ConsiliumError) {
    try Consortium.check(name: consortium)
    let key = P256.Signing.PrivateKey()
    let subject = try CertificateProfile.subject(name: "\(consortium) authority", consortium: consortium)
    let template = CertificateTemplate(
      subject: subject, issuer: subject, notBefore: notBefore, notAfter: notAfter,
      extensions: try CertificateProfile.authority(key: key.publicKey))
    let certificate = try template.signed(for: key.publicKey, by: key)
    try self.init(certificatePEM: Certificate.pem(try certificate.derBytes), privateKey: key)
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if key and certificate do not belong together.
  package init(certificatePEM: String, privateKey: P256.Signing.PrivateKey) throws(ConsiliumError) {
    authority = try Authority(pem: certificatePEM)
    self.privateKey = privateKey
    guard authority.publicKey.rawRepresentation == privateKey.publicKey.rawRepresentation else {
      throw ConsiliumError(.invalidInput, "authority.key is not the key of authority.crt")
    }
  }

  /// Certifies that `publicKey` belongs to `party`.
  ///
  /// - Parameter addresses: The addresses at which a coordinator can be reached; empty for everyone else.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the name or the dates are not allowed.
  public func issue(
    _ party: Party, publicKey: P256.Signing.PublicKey, addresses: [ServerAddress] = [], notBefore: Date,
    notAfter: Date
  ) throws(ConsiliumError) -> PeerCertificate {
    try Party.check(name: party.name, of: party.role)
    guard notBefore < notAfter, notAfter <= authority.notAfter else {
      throw ConsiliumError(
        .invalidInput,
        "a certificate until \(Moment.text(notAfter)) would expire before it begins, or outlive the authority, which expires on "
          + Moment.text(authority.notAfter))
    }
    let template = CertificateTemplate(
      subject: try CertificateProfile.subject(name: party.name, consortium: authority.consortium),
      issuer: authority.certificate.subject, notBefore: max(notBefore, authority.notBefore),
      notAfter: notAfter,
      extensions: try CertificateProfile.party(
        CertifiedName(consortium: authority.consortium, party: party), addresses, key: publicKey,
        authority: authority.publicKey))
    return try PeerCertificate(template.signed(for: publicKey, by: privateKey))
  }

  /// Signs a list of all revoked certificates.
  ///
  /// - Parameter version: The previous list's version plus one.
  public func revocationList(
    version: Int, issued: Date, entries: [RevocationList.Entry]
  ) throws(ConsiliumError) -> RevocationList {
    try RevocationList(
      RevocationList.Content(
        consortium: authority.consortium, version: version, issued: Moment.wholeSeconds(issued),
        entries: entries.sorted { ($0.date, $0.serial) < ($1.date, $1.serial) }), signedWith: privateKey)
  }
}
