import Crypto
import FederatedCore
import Foundation
import SwiftASN1
import X509

/// A certificate as a peer presents it: well formed and of the kind that consortia use, but not yet checked
/// against an authority.
///
/// ``Authority/check(_:at:roles:)`` decides whether it is valid.
public struct PeerCertificate: Sendable {
  public let party: Party
  public let consortium: String
  /// The serial number in hexadecimal, as `openssl x509 -serial` prints it but with lower-case letters.
  public let serial: String
  public let notBefore: Date
  public let notAfter: Date
  /// The SHA-256 of the certificate's DER, in hexadecimal.
  public let fingerprint: String
  public let derEncoded: [UInt8]
  /// The host names and IP addresses for which the holder may act as a server.
  public let addresses: [ServerAddress]

  package let certificate: Certificate
  package let publicKey: P256.Signing.PublicKey

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that states what is missing or wrong.
  public init(derEncoded: [UInt8]) throws(ConsiliumError) {
    guard derEncoded.count <= 1 << 16 else {
      throw ConsiliumError(.invalidInput, "a certificate of \(derEncoded.count) bytes is too large")
    }
    let certificate: Certificate
    do {
      certificate = try Certificate(derEncoded: derEncoded)
    } catch {
      throw ConsiliumError(
        .invalidInput, "this is not an X.509 certificate in DER, or it is damaged", cause: error)
    }
    try self.init(certificate)
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that states what is missing or wrong.
  public init(_ certificate: Certificate) throws(ConsiliumError) {
    guard certificate.version == .v3 else {
      throw Self.fault("it is not an X.509 version 3 certificate")
    }
    guard let key = P256.Signing.PublicKey(certificate.publicKey) else {
      throw Self.fault("its key is not on the curve P-256")
    }
    let names = try Self.names(in: certificate)
    let holder = try Self.holder(in: names)
    guard certificate.subject.commonName == holder.party.name else {
      throw Self.fault(
        "its common name differs from its alternative name \(holder.party.name.quotedForMessage)")
    }
    self.certificate = certificate
    publicKey = key
    (party, consortium) = (holder.party, holder.consortium)
    serial = certificate.serialNumber.bytes.hexadecimal
    (notBefore, notAfter) = (certificate.notValidBefore, certificate.notValidAfter)
    derEncoded = try certificate.derBytes
    fingerprint = Fingerprint.of(derEncoded)
    addresses = names.compactMap(ServerAddress.init)
  }

  /// Reads the first certificate of a PEM text.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that states what is missing or wrong.
  public init(pem: String) throws(ConsiliumError) {
    try self.init(Certificate.first(inPEM: pem, what: "the file"))
  }

  /// The certificate as PEM text.
  public var pem: String { Certificate.pem(derEncoded) }

  private static func names(in certificate: Certificate) throws(ConsiliumError) -> [GeneralName] {
    do {
      return try certificate.extensions.subjectAlternativeNames.map(Array.init) ?? []
    } catch {
      throw fault("its alternative names cannot be read")
    }
  }

  private static func holder(in names: [GeneralName]) throws(ConsiliumError) -> CertifiedName {
    let urns = names.compactMap(\.certifiedURN)
    guard urns.count == 1, let urn = urns.first else {
      throw fault("it has \(urns.count) alternative names \(CertifiedName.prefix)…, expected one")
    }
    let holder = try CertifiedName(urn: urn)
    guard !holder.consortium.isEmpty else { throw fault("it names no consortium") }
    return holder
  }

  private static func fault(_ text: String) -> ConsiliumError {
    ConsiliumError(.invalidInput, "this is not a certificate of a Consilium consortium: \(text)")
  }
}

extension PeerCertificate: Hashable {
  public static func == (one: Self, other: Self) -> Bool { one.derEncoded == other.derEncoded }

  public func hash(into hasher: inout Hasher) { hasher.combine(derEncoded) }
}
