import Crypto
import FederatedCore
import Foundation
import X509

/// A party's proof of identity: its certificate and private key, and the authority that it trusts.
public struct Identity: Sendable {
  public let certificate: PeerCertificate
  /// The chain as PEM text: the party's certificate, followed by the authority's if the party has it.
  public let certificatePEM: String
  public private(set) var authority: Authority
  package let privateKey: P256.Signing.PrivateKey

  public var party: Party { certificate.party }
  /// The private key as PEM text (PKCS#8), for a TLS library. It must never be written to a file.
  public var privateKeyPEM: String { privateKey.pemRepresentation }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if key, certificate and authority do not belong
  ///   together. This does not check that the certificate is valid; ``Authority/check(_:at:roles:)`` does.
  package init(
    certificatePEM: String, privateKey: P256.Signing.PrivateKey, authority: Authority
  ) throws(ConsiliumError) {
    let first = try Certificate.first(inPEM: certificatePEM, what: "the identity's certificate")
    let certificate = try PeerCertificate(first)
    guard certificate.publicKey.rawRepresentation == privateKey.publicKey.rawRepresentation else {
      throw ConsiliumError(
        .invalidInput,
        "the certificate of \(certificate.party) was not made for this private key; was another request sent?"
      )
    }
    try authority.checkChain(of: certificate, at: max(certificate.notBefore, authority.notBefore))
    self.certificate = certificate
    self.certificatePEM = certificatePEM
    self.authority = authority
    self.privateKey = privateKey
  }

  /// Returns this identity with a newer version of its authority, for example with a newer revocation list.
  ///
  /// - Precondition: `authority` is the authority that issued the identity's certificate.
  package func trusting(_ authority: Authority) -> Identity {
    precondition(authority.fingerprint == self.authority.fingerprint)
    var identity = self
    identity.authority = authority
    return identity
  }

  /// Signs a statement.
  ///
  /// - Parameter time: The time of signing by this machine's clock. `nil` leaves it out; the signature is
  ///   then valid only as long as the certificate.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the library fails to sign.
  public func sign(_ statement: some DataProtocol, at time: Date? = nil) throws(ConsiliumError) -> Signature {
    let time = time.map(Moment.wholeSeconds)
    do {
      let value = try privateKey.signature(for: Signature.digest(of: statement, time: time))
      return Signature(
        signer: party, value: value.derRepresentation, certificate: Data(certificate.derEncoded), time: time)
    } catch {
      throw ConsiliumError(.storage, "\(party) cannot sign", cause: error)
    }
  }
}
