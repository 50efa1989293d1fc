import Crypto
import FederatedCore
import Foundation
import SwiftASN1
import X509

/// The consortium's authority as its members know it: the issuer of all valid certificates.
public struct Authority: Sendable {
  public let consortium: String
  /// The authority's certificate, as PEM text.
  public let pem: String
  /// The SHA-256 of the authority's certificate in DER, in hexadecimal. Members compare this fingerprint by
  /// telephone before they trust the authority.
  public let fingerprint: String
  public let notBefore: Date
  public let notAfter: Date
  public private(set) var revocations: RevocationList?

  package let certificate: Certificate
  let publicKey: P256.Signing.PublicKey

  /// - Parameter revocations: The list of revoked certificates; `nil` if no list has been received yet.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the certificate is not an authority's, or if
  ///   the list comes from a different authority.
  public init(pem: String, revocations: RevocationList? = nil) throws(ConsiliumError) {
    let certificate = try Certificate.first(inPEM: pem, what: "the authority's certificate")
    guard let key = P256.Signing.PublicKey(certificate.publicKey),
      case .isCertificateAuthority(maxPathLength: 0)? = try? certificate.extensions.basicConstraints,
      let usage = try? certificate.extensions.keyUsage, usage.keyCertSign, usage.cRLSign,
      let consortium = certificate.subject.organization,
      certificate.issuer == certificate.subject,
      certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    else {
      throw ConsiliumError(
        .invalidInput,
        "this is not the certificate of a consortium's authority; expected authority.crt as 'consilium provision init' made it"
      )
    }
    try Consortium.check(name: consortium)
    self.certificate = certificate
    publicKey = key
    self.consortium = consortium
    let der = try certificate.derBytes
    self.pem = Certificate.pem(der)
    fingerprint = Fingerprint.of(der)
    (notBefore, notAfter) = (certificate.notValidBefore, certificate.notValidAfter)
    try revocations?.verify(by: self)
    self.revocations = revocations
  }

  /// The authority at the end of a PEM chain; `nil` if the chain is a single certificate.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  package static func last(in chain: String) throws(ConsiliumError) -> Authority? {
    guard let documents = try? PEMDocument.parseMultiple(pemString: chain), documents.count > 1 else {
      return nil
    }
    return try Authority(pem: documents[documents.count - 1].pemString)
  }

  /// Returns this authority with a newer revocation list.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the list comes from a different authority or
  ///   is older than the current list: an old list must not reinstate a revoked certificate.
  public func updated(with list: RevocationList) throws(ConsiliumError) -> Authority {
    try list.verify(by: self)
    if let current = revocations, list.version < current.version {
      throw ConsiliumError(
        .invalidInput,
        "version \(list.version) of the revocation list is older than version \(current.version), which is already known"
      )
    }
    var updated = self
    updated.revocations = list
    return updated
  }

  /// Whether this authority has revoked the certificate.
  public func isRevoked(_ certificate: PeerCertificate) -> Bool { revocations?[certificate.serial] != nil }
}

extension Authority: Equatable {
  public static func == (one: Self, other: Self) -> Bool {
    one.fingerprint == other.fingerprint && one.revocations == other.revocations
  }
}
