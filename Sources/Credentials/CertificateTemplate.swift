import Crypto
import FederatedCore
import Foundation
import X509

/// The contents of a certificate, without its key and signature.
struct CertificateTemplate {
  var subject: DistinguishedName
  var issuer: DistinguishedName
  var notBefore: Date
  var notAfter: Date
  var extensions: Certificate.Extensions

  func signed(
    for publicKey: P256.Signing.PublicKey, by issuerKey: P256.Signing.PrivateKey
  ) throws(ConsiliumError) -> Certificate {
    do {
      return try Certificate(
        version: .v3, serialNumber: Self.serial(), publicKey: .init(publicKey),
        notValidBefore: Moment.wholeSeconds(notBefore), notValidAfter: Moment.wholeSeconds(notAfter),
        issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
        issuerPrivateKey: .init(issuerKey))
    } catch {
      throw ConsiliumError(.storage, "cannot create the certificate", cause: error)
    }
  }

  /// Returns a random positive serial number of 16 bytes that needs no leading zero (RFC 5280, 4.1.2.2).
  private static func serial() -> Certificate.SerialNumber {
    var bytes = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
    bytes[0] = bytes[0] & 0x3F | 0x40
    return Certificate.SerialNumber(bytes: bytes)
  }
}
